{{ config(
    unique_key='artist_id',
    indexes=[
        {'columns': ['artist_id'], 'unique': true},
        {'columns': ['updated_at']},
    ]
) }}

with

artists as not materialized (
    select * from {{ ref('stg_artists') }}
),

album_artists as not materialized (
    select * from {{ ref('album_artist') }}
),

track_artists as not materialized (
    select * from {{ ref('track_artist') }}
),

{% if is_incremental() -%}
    changed as (
        select artist_id from artists
        where {{ is_new('extracted_at') }}
        union distinct
        select artist_id from album_artists
        where {{ is_new('updated_at') }}
        union distinct
        select artist_id from track_artists
        where {{ is_new('updated_at') }}
    ),
{%- endif %}

credited as (
    select artist_id from album_artists
    {% if is_incremental() %}where {{ is_among('artist_id', 'changed') }}{% endif %}
    union distinct
    select artist_id from track_artists
    {% if is_incremental() %}where {{ is_among('artist_id', 'changed') }}{% endif %}
),

final as (
    select
        credited.artist_id,
        artists.artist_name,
        artists.extracted_at as updated_at
    from credited
    left join artists
        on credited.artist_id = artists.artist_id
)

select * from final
