with

source as (
    select * from {{ source('raw', 'artists') }}
),

final as (
    select
        artist_id,
        nullif(trim(name), '') as artist_name
    from source
)

select * from final
