select
    track_id,
    nullif(trim(name), '') as track_name,
    duration_ms,
    explicit as is_explicit,
    upper(nullif(trim(isrc), '')) as isrc,
    source as details_source,
    withheld_fields,
    extracted_at
from {{ source('raw', 'track_details') }}
