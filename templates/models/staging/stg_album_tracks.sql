select
    album_id,
    track_id,
    disc_number,
    track_number,
    nullif(trim(name), '') as track_name,
    duration_ms,
    explicit as is_explicit,
    artist_ids,
    extracted_at
from {{ source('raw', 'album_tracks') }}
