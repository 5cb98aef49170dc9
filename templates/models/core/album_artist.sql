{{ config(
    unique_key=['album_id', 'artist_id'],
    indexes=[{'columns': ['album_id', 'artist_id'], 'unique': true}]
) }}

with

albums as (
    select * from {{ ref('stg_albums') }}
),

credits as (
    select
        albums.album_id,
        credited.artist_id,
        min(credited.position) as position
    from albums
    cross join lateral unnest(albums.artist_ids) with ordinality as credited (artist_id, position)
    where credited.artist_id is not null
    group by albums.album_id, credited.artist_id
),

final as (
    select
        album_id,
        artist_id,
        row_number() over (partition by album_id order by position)::integer as position
    from credits
)

select * from final
