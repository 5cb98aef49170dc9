{{ config(
    unique_key='album_id',
    indexes=[
        {'columns': ['album_id', 'track_id'], 'unique': true},
        {'columns': ['track_id']},
        {'columns': ['updated_at']},
    ]
) }}

with

albums as not materialized (
    select * from {{ ref('stg_albums') }}
),

album_tracks as not materialized (
    select * from {{ ref('stg_album_tracks') }}
),

{% if is_incremental() -%}
    changed as (
        select album_id from albums
        where {{ is_new('extracted_at') }}
        union distinct
        select album_id from album_tracks
        where {{ is_new('extracted_at') }}
    ),
{%- endif %}

final as (
    select
        album_tracks.album_id,
        album_tracks.track_id,
        album_tracks.disc_number,
        album_tracks.track_number,
        greatest(album_tracks.extracted_at, albums.extracted_at) as updated_at
    from album_tracks
    inner join albums
        on album_tracks.album_id = albums.album_id
    {% if is_incremental() -%}
        where {{ is_among('albums.album_id', 'changed') }}
    {%- endif %}
)

select * from final
