{#-
    Tracks with a feature, a column of core.dim_track, and a popularity. $1 is a release week or null for all time, $2
    how many. The numbers of core.dim_track look random and stay the same, so that the lowest are a fair sample.
-#}
with pairs as (
    select
        tracks.track_id,
        tracks.track_name,
        tracks.artist_names,
        tracks.album_id,
        tracks.features_source,
        tracks.popularity,
        tracks.sample_number,
        tracks.{{ feature }} as value
    from core.dim_track as tracks
    inner join core.dim_album as albums
        on tracks.album_id = albums.album_id
    where $1::date is null or albums.release_week = $1
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
limit $2
