select
    album_id,
    nullif(trim(name), '') as album_name,
    lower(album_type) as album_type,
    artist_ids,
    total_tracks,
    release_date as release_date_text,
    lower(release_date_precision) as release_date_precision,
    released_on as earliest_release_date,
    case
        when coalesce(lower(release_date_precision), 'day') = 'day' and length(release_date) = 10
            then released_on
    end as release_date,
    nullif(trim(label), '') as label,
    popularity as album_popularity,
    upc,
    withheld_fields,
    extracted_at
from {{ source('raw', 'albums') }}
