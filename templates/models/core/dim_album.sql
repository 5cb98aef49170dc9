{{ config(
    unique_key='album_id',
    indexes=[{'columns': ['album_id'], 'unique': true}]
) }}

with

albums as (
    select * from {{ ref('stg_albums') }}
),

sightings as (
    select * from {{ ref('stg_release_sightings') }}
),

album_artists as (
    select * from {{ ref('album_artist') }}
),

artists as (
    select * from {{ ref('dim_artist') }}
),

latest_sightings as (
    select distinct on (album_id)
        album_id,
        list_position
    from sightings
    order by album_id asc, listed_at desc, run_id desc
),

album_types as (
    select
        album_id,
        bool_or(listed_type = 'ep') as was_listed_as_ep
    from sightings
    group by album_id
),

album_credits as (
    select
        album_artists.album_id,
        string_agg(coalesce(artists.artist_name, artists.artist_id), ', ' order by album_artists.position)
            as artist_names
    from album_artists
    inner join artists
        on album_artists.artist_id = artists.artist_id
    group by album_artists.album_id
),

final as (
    select
        albums.album_id,
        albums.album_name,
        album_credits.artist_names,
        case
            when album_types.was_listed_as_ep then 'ep'
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
        latest_sightings.list_position,
        albums.extracted_at
    from albums
    left join latest_sightings
        on albums.album_id = latest_sightings.album_id
    left join album_types
        on albums.album_id = album_types.album_id
    left join album_credits
        on albums.album_id = album_credits.album_id
)

select * from final
