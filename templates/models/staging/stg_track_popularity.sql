with

source as (
    select * from {{ source('raw', 'track_popularity') }}
),

final as (
    select
        track_id,
        observed_on,
        popularity
    from source
)

select * from final
