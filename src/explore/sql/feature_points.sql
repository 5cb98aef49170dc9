-- $1 names a column of core.dim_track, $2 is a release week or null for all time. The numbers of core.dim_track
-- look random and stay the same, so that the lowest are a fair sample.
with pairs as (
    select
        tracks.track_id,
        tracks.track_name,
        tracks.artist_names,
        tracks.album_id,
        tracks.features_source,
        tracks.popularity,
        tracks.sample_number,
        case $1
            when 'danceability' then tracks.danceability
            when 'energy' then tracks.energy
            when 'loudness' then tracks.loudness
            when 'speechiness' then tracks.speechiness
            when 'acousticness' then tracks.acousticness
            when 'instrumentalness' then tracks.instrumentalness
            when 'liveness' then tracks.liveness
            when 'valence' then tracks.valence
            when 'tempo' then tracks.tempo
            when 'duration_ms' then tracks.duration_ms
        end as value
    from core.dim_track as tracks
    inner join core.dim_album as albums
        on tracks.album_id = albums.album_id
    where $2::date is null or albums.release_week = $2
)

select
    track_id,
    track_name,
    artist_names,
    album_id,
    features_source,
    value,
    popularity
from pairs
where value is not null and popularity is not null
order by sample_number, track_id
limit $3
