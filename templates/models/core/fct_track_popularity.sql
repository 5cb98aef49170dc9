{{ config(
    unique_key=['track_id', 'observed_on'],
    indexes=[{'columns': ['track_id', 'observed_on'], 'unique': true}]
) }}

with

readings as (
    select * from {{ ref('stg_track_popularity') }}
),

album_tracks as (
    select * from {{ ref('album_track') }}
),

final as (
    select
        readings.track_id,
        readings.observed_on,
        readings.popularity
    from readings
    where readings.track_id in (select album_tracks.track_id from album_tracks)
)

select * from final
