with

source as (
    select * from {{ source('raw', 'track_popularity') }}
),

final as (
    select
        track_id,
        observed_on,
        popularity,
        extracted_at
    from source
)

select * from final
