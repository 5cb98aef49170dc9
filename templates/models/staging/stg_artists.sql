select
    artist_id,
    nullif(trim(name), '') as artist_name,
    extracted_at
from {{ source('raw', 'artists') }}
