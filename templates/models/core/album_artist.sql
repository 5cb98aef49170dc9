{{ config(
    unique_key='album_id',
    indexes=[
        {'columns': ['album_id', 'artist_id'], 'unique': true},
        {'columns': ['artist_id']},
        {'columns': ['updated_at']},
    ]
) }}

with

albums as not materialized (
    select * from {{ ref('stg_albums') }}
),

credits as (
    select
        albums.album_id,
        credited.artist_id,
        min(credited.position) as position,
        albums.extracted_at as updated_at
    from albums
    cross join lateral unnest(albums.artist_ids) with ordinality as credited (artist_id, position)
    where
        credited.artist_id is not null
        {% if is_incremental() -%}
            and {{ is_new('albums.extracted_at') }}
        {%- endif %}
    group by albums.album_id, albums.extracted_at, credited.artist_id
),

final as (
    select
        album_id,
        artist_id,
        row_number() over (partition by album_id order by position)::integer as position,
        updated_at
    from credits
)

select * from final
