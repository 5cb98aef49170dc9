select
    places.disc_number,
    places.track_number,
    places.track_id,
    tracks.track_name,
    coalesce(credits.artists, '[]') as artists,
    tracks.album_id as first_album_id,
    tracks.isrc,
    tracks.isrc_missing_reason,
    tracks.is_explicit,
    tracks.duration_ms,
    tracks.popularity,
    tracks.popularity_missing_reason,
    tracks.popularity_observed_on,
    tracks.features_source,
    tracks.features_missing_reason,
    tracks.danceability,
    tracks.energy,
    tracks.loudness,
    tracks.speechiness,
    tracks.acousticness,
    tracks.instrumentalness,
    tracks.liveness,
    tracks.valence,
    tracks.tempo,
    tracks.key,
    tracks.mode,
    tracks.time_signature,
    'https://open.spotify.com/track/' || places.track_id as spotify_url
from core.album_track as places
inner join core.dim_track as tracks
    on places.track_id = tracks.track_id
left join
    lateral (
        select
            jsonb_agg(
                jsonb_build_object(
                    'artist_id', artists.artist_id,
                    'artist_name', artists.artist_name,
                    'spotify_url', 'https://open.spotify.com/artist/' || artists.artist_id
                )
                order by track_artists.position
            ) as artists
        from core.track_artist as track_artists
        inner join core.dim_artist as artists
            on track_artists.artist_id = artists.artist_id
        where track_artists.track_id = places.track_id
    ) as credits
    on true
where places.album_id = $1
order by places.disc_number, places.track_number, places.track_id
