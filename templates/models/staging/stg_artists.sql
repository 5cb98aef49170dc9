with

source as (
    select * from {{ source('raw', 'artists') }}
),

final as (
    select
        artist_id,
        nullif(trim(name), '') as artist_name,
        extracted_at
    from source
)

select * from final
