{{ config(
    unique_key='track_id',
    indexes=[{'columns': ['track_id'], 'unique': true}]
) }}

with

albums as (
    select * from {{ ref('dim_album') }}
),

album_tracks as (
    select * from {{ ref('stg_album_tracks') }}
),

details as (
    select * from {{ ref('stg_track_details') }}
),

features as (
    select * from {{ ref('stg_audio_features') }}
),

readings as (
    select * from {{ ref('fct_track_popularity') }}
),

track_artists as (
    select * from {{ ref('track_artist') }}
),

artists as (
    select * from {{ ref('dim_artist') }}
),

-- A track on several albums belongs to the one that came out first.
editions as (
    select
        album_tracks.track_id,
        album_tracks.album_id,
        album_tracks.track_name,
        album_tracks.is_explicit,
        album_tracks.duration_ms,
        row_number() over (
            partition by album_tracks.track_id
            order by albums.earliest_release_date, albums.release_date, album_tracks.album_id
        ) = 1 as is_home
    from album_tracks
    inner join albums
        on album_tracks.album_id = albums.album_id
),

latest_readings as (
    select distinct on (track_id)
        track_id,
        observed_on,
        popularity
    from readings
    order by track_id asc, observed_on desc
),

track_credits as (
    select
        track_artists.track_id,
        string_agg(coalesce(artists.artist_name, artists.artist_id), ', ' order by track_artists.position)
            as artist_names
    from track_artists
    inner join artists
        on track_artists.artist_id = artists.artist_id
    group by track_artists.track_id
),

final as (
    select
        editions.track_id,
        coalesce(details.track_name, editions.track_name) as track_name,
        track_credits.artist_names,
        editions.album_id,
        details.isrc,
        {{ track_missing_reason('details.isrc', 'external_ids') }} as isrc_missing_reason,
        coalesce(details.is_explicit, editions.is_explicit) as is_explicit,
        coalesce(details.duration_ms, editions.duration_ms) as duration_ms,
        latest_readings.popularity,
        {{ track_missing_reason('latest_readings.popularity', 'popularity') }} as popularity_missing_reason,
        latest_readings.observed_on as popularity_observed_on,
        features.features_source,
        case
            when features.track_id is null then 'no usable answer from Spotify'
            else features.features_missing_reason
        end as features_missing_reason,
        features.danceability,
        features.energy,
        features.loudness,
        features.speechiness,
        features.acousticness,
        features.instrumentalness,
        features.liveness,
        features.valence,
        features.tempo,
        features.key,
        features.mode,
        features.time_signature
    from editions
    left join details
        on editions.track_id = details.track_id
    left join features
        on editions.track_id = features.track_id
    left join latest_readings
        on editions.track_id = latest_readings.track_id
    left join track_credits
        on editions.track_id = track_credits.track_id
    where editions.is_home
)

select * from final
