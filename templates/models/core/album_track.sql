{{ config(
    unique_key=['album_id', 'track_id'],
    indexes=[{'columns': ['album_id', 'track_id'], 'unique': true}]
) }}

with

albums as (
    select * from {{ ref('stg_albums') }}
),

album_tracks as (
    select * from {{ ref('stg_album_tracks') }}
),

final as (
    select
        album_tracks.album_id,
        album_tracks.track_id,
        album_tracks.disc_number,
        album_tracks.track_number
    from album_tracks
    inner join albums
        on album_tracks.album_id = albums.album_id
)

select * from final
