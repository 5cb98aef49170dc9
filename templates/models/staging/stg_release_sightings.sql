with

source as (
    select * from {{ source('raw', 'release_sightings') }}
),

final as (
    select
        run_id,
        album_id,
        position as list_position,
        lower(album_type) as listed_type,
        extracted_at
    from source
)

select * from final
