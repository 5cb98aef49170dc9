{{ config(
    unique_key='artist_id',
    indexes=[{'columns': ['artist_id'], 'unique': true}]
) }}

with

artists as (
    select * from {{ ref('stg_artists') }}
),

album_artists as (
    select * from {{ ref('album_artist') }}
),

track_artists as (
    select * from {{ ref('track_artist') }}
),

credited as (
    select artist_id from album_artists
    union distinct
    select artist_id from track_artists
),

final as (
    select
        credited.artist_id,
        artists.artist_name
    from credited
    left join artists
        on credited.artist_id = artists.artist_id
)

select * from final
