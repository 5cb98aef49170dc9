{{ config(
    unique_key=['album_id', 'days_since_release'],
    indexes=[{'columns': ['album_id', 'days_since_release'], 'unique': true}]
) }}

with

albums as (
    select * from {{ ref('dim_album') }}
),

album_tracks as (
    select * from {{ ref('album_track') }}
),

readings as (
    select * from {{ ref('fct_track_popularity') }}
),

album_days as (
    select
        album_tracks.album_id,
        readings.observed_on,
        count(*)::integer as tracks,
        max(readings.popularity) as popularity,
        avg(readings.popularity) as mean_track_popularity
    from readings
    inner join album_tracks
        on readings.track_id = album_tracks.track_id
    group by album_tracks.album_id, readings.observed_on
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
        albums.total_tracks
    from album_days
    inner join albums
        on album_days.album_id = albums.album_id
    where albums.release_date is not null
)

select * from final
