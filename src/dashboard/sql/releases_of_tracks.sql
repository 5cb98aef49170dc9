select
    track_id,
    album_id
from core.dim_track
where track_id = any($1)
