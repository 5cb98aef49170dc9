{{ config(
    unique_key='album_id',
    indexes=[
        {'columns': ['album_id', 'days_since_release'], 'unique': true},
        {'columns': ['release_date']},
        {'columns': ['updated_at']},
    ]
) }}

with

albums as not materialized (
    select * from {{ ref('dim_album') }}
),

album_tracks as not materialized (
    select * from {{ ref('album_track') }}
),

readings as not materialized (
    select * from {{ ref('fct_track_popularity') }}
),

{% if is_incremental() -%}
    new_readings as (
        select track_id from readings
        where {{ is_new('updated_at') }}
    ),

    changed as (
        select album_id from albums
        where {{ is_new('updated_at') }}
        union distinct
        select album_id from album_tracks
        where {{ is_new('updated_at') }}
        union distinct
        select album_id from album_tracks
        where {{ is_among('track_id', 'new_readings') }}
    ),
{%- endif %}

places as (
    select
        album_id,
        track_id,
        updated_at
    from album_tracks
    {% if is_incremental() -%}
        where {{ is_among('album_id', 'changed') }}
    {%- endif %}
),

album_days as (
    select
        places.album_id,
        readings.observed_on,
        count(*)::integer as tracks,
        max(readings.popularity) as popularity,
        avg(readings.popularity) as mean_track_popularity,
        max(greatest(places.updated_at, readings.updated_at)) as updated_at
    from readings
    inner join places
        on readings.track_id = places.track_id
    {% if is_incremental() -%}
        where {{ is_among('readings.track_id', 'places') }}
    {%- endif %}
    group by places.album_id, readings.observed_on
),

final as (
    select
        albums.album_id,
        album_days.observed_on - albums.release_date as days_since_release,
        albums.album_name,
        albums.artist_names,
        albums.release_date,
        album_days.observed_on,
        album_days.popularity,
        {{ rounded('album_days.mean_track_popularity') }} as mean_track_popularity,
        album_days.tracks,
        albums.total_tracks,
        greatest(albums.updated_at, album_days.updated_at) as updated_at
    from album_days
    inner join albums
        on album_days.album_id = albums.album_id
    where
        albums.release_date is not null
        {% if is_incremental() -%}
            and {{ is_among('albums.album_id', 'changed') }}
        {%- endif %}
)

select * from final
