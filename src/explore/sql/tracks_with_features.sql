select
    (
        select count(tracks.features_source)
        from core.album_track as places
        inner join core.dim_track as tracks
            on places.track_id = tracks.track_id
        where places.album_id = albums.album_id
    ) as tracks_with_features
from core.dim_album as albums
where albums.album_id = $1
