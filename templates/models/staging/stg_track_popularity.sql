select
    track_id,
    observed_on,
    popularity,
    extracted_at
from {{ source('raw', 'track_popularity') }}
