{{ config(
    unique_key=['track_id', 'artist_id'],
    indexes=[{'columns': ['track_id', 'artist_id'], 'unique': true}]
) }}

with

albums as (
    select * from {{ ref('stg_albums') }}
),

album_tracks as (
    select * from {{ ref('stg_album_tracks') }}
),

-- A track on two albums is credited twice, as a rule to the same artists.
credits as (
    select
        album_tracks.track_id,
        credited.artist_id,
        min(credited.position) as position
    from album_tracks
    inner join albums
        on album_tracks.album_id = albums.album_id
    cross join lateral unnest(album_tracks.artist_ids) with ordinality as credited (artist_id, position)
    where credited.artist_id is not null
    group by album_tracks.track_id, credited.artist_id
),

final as (
    select
        track_id,
        artist_id,
        row_number() over (
            partition by track_id order by position, artist_id collate "C"
        )::integer as position
    from credits
)

select * from final
