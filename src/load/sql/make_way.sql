with albums as (
    delete from raw.albums
    where album_id = any($1)
),

album_tracks as (
    delete from raw.album_tracks
    where album_id = any($1)
)

delete from raw.track_details
where track_id = any($2)
