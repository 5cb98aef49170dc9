{{ config(
    unique_key='album_id',
    indexes=[
        {'columns': ['album_id'], 'unique': true},
        {'columns': ['release_week']},
        {'columns': ['release_date']},
        {'columns': ['updated_at']},
    ]
) }}

with

albums as not materialized (
    select * from {{ ref('stg_albums') }}
),

sightings as not materialized (
    select * from {{ ref('stg_release_sightings') }}
),

album_artists as not materialized (
    select * from {{ ref('album_artist') }}
),

artists as not materialized (
    select * from {{ ref('dim_artist') }}
),

{% if is_incremental() -%}
    new_artists as (
        select artist_id from artists
        where {{ is_new('updated_at') }}
    ),

    changed as (
        select album_id from albums
        where {{ is_new('extracted_at') }}
        union distinct
        select album_id from sightings
        where {{ is_new('extracted_at') }}
        union distinct
        select album_id from album_artists
        where {{ is_new('updated_at') }}
        union distinct
        select album_id from album_artists
        where {{ is_among('artist_id', 'new_artists') }}
    ),
{%- endif %}

listings as (
    select
        album_id,
        bool_or(listed_type = 'ep') as was_listed_as_ep,
        (array_agg(list_position order by extracted_at desc, run_id desc))[1] as latest_position,
        max(extracted_at) as listed_at
    from sightings
    {% if is_incremental() -%}
        where {{ is_among('album_id', 'changed') }}
    {%- endif %}
    group by album_id
),

credits as (
    select
        album_id,
        artist_id,
        position
    from album_artists
    {% if is_incremental() -%}
        where {{ is_among('album_id', 'changed') }}
    {%- endif %}
),

album_credits as (
    select
        credits.album_id,
        string_agg(coalesce(artists.artist_name, artists.artist_id), ', ' order by credits.position)
            as artist_names,
        max(artists.updated_at) as updated_at
    from credits
    inner join artists
        on credits.artist_id = artists.artist_id
    {% if is_incremental() -%}
        where {{ is_among('artists.artist_id', 'credits') }}
    {%- endif %}
    group by credits.album_id
),

final as (
    select
        albums.album_id,
        albums.album_name,
        album_credits.artist_names,
        case
            when listings.was_listed_as_ep then 'ep'
            when albums.album_type = 'single' and albums.total_tracks between 4 and 6 then 'ep'
            else albums.album_type
        end as release_type,
        albums.album_type,
        albums.label,
        {{ album_missing_reason('label', 'label') }} as label_missing_reason,
        albums.upc,
        {{ album_missing_reason('upc', 'external_ids') }} as upc_missing_reason,
        albums.total_tracks,
        albums.release_date,
        date_trunc('week', albums.release_date::timestamp)::date as release_week,
        albums.release_date_text,
        albums.release_date_precision,
        albums.earliest_release_date,
        albums.album_popularity,
        {{ album_missing_reason('album_popularity', 'popularity') }} as album_popularity_missing_reason,
        listings.latest_position as list_position,
        albums.extracted_at,
        greatest(albums.extracted_at, listings.listed_at, album_credits.updated_at) as updated_at
    from albums
    left join listings
        on albums.album_id = listings.album_id
    left join album_credits
        on albums.album_id = album_credits.album_id
    {% if is_incremental() -%}
        where {{ is_among('albums.album_id', 'changed') }}
    {%- endif %}
)

select * from final
