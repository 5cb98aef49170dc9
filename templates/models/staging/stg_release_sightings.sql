select
    run_id,
    album_id,
    position as list_position,
    lower(album_type) as listed_type,
    extracted_at
from {{ source('raw', 'release_sightings') }}
