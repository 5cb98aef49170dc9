{{ config(
    unique_key='track_id',
    indexes=[
        {'columns': ['track_id'], 'unique': true},
        {'columns': ['album_id']},
        {'columns': ['sample_number']},
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

details as not materialized (
    select * from {{ ref('stg_track_details') }}
),

features as not materialized (
    select * from {{ ref('stg_audio_features') }}
),

readings as not materialized (
    select * from {{ ref('stg_track_popularity') }}
),

track_artists as not materialized (
    select * from {{ ref('track_artist') }}
),

artists as not materialized (
    select * from {{ ref('dim_artist') }}
),

{% if is_incremental() -%}
    new_albums as (
        select album_id from albums
        where {{ is_new('extracted_at') }}
    ),

    new_artists as (
        select artist_id from artists
        where {{ is_new('updated_at') }}
    ),

    changed as (
        select track_id from album_tracks
        where {{ is_new('extracted_at') }}
        union distinct
        select track_id from album_tracks
        where {{ is_among('album_id', 'new_albums') }}
        union distinct
        select track_id from details
        where {{ is_new('extracted_at') }}
        union distinct
        select track_id from features
        where {{ is_new('extracted_at') }}
        union distinct
        select track_id from readings
        where {{ is_new('extracted_at') }}
        union distinct
        select track_id from track_artists
        where {{ is_new('updated_at') }}
        union distinct
        select track_id from track_artists
        where {{ is_among('artist_id', 'new_artists') }}
    ),
{%- endif %}

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
        ) = 1 as is_home,
        max(greatest(album_tracks.extracted_at, albums.extracted_at)) over (
            partition by album_tracks.track_id
        ) as updated_at
    from album_tracks
    inner join albums
        on album_tracks.album_id = albums.album_id
    {% if is_incremental() -%}
        where {{ is_among('album_tracks.track_id', 'changed') }}
    {%- endif %}
),

credits as (
    select
        track_id,
        artist_id,
        position
    from track_artists
    {% if is_incremental() -%}
        where {{ is_among('track_id', 'changed') }}
    {%- endif %}
),

track_credits as (
    select
        credits.track_id,
        string_agg(coalesce(artists.artist_name, artists.artist_id), ', ' order by credits.position)
            as artist_names,
        max(artists.updated_at) as updated_at
    from credits
    inner join artists
        on credits.artist_id = artists.artist_id
    {% if is_incremental() -%}
        where {{ is_among('artists.artist_id', 'credits') }}
    {%- endif %}
    group by credits.track_id
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
        latest_reading.popularity,
        {{ track_missing_reason('latest_reading.popularity', 'popularity') }} as popularity_missing_reason,
        latest_reading.observed_on as popularity_observed_on,
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
        features.time_signature,
        {{ pseudo_random('editions.track_id') }} as sample_number,
        greatest(
            editions.updated_at,
            details.extracted_at,
            features.extracted_at,
            latest_reading.extracted_at,
            track_credits.updated_at
        ) as updated_at
    from editions
    left join details
        on editions.track_id = details.track_id
    left join features
        on editions.track_id = features.track_id
    left join
        lateral (
            select
                readings.observed_on,
                readings.popularity,
                readings.extracted_at
            from readings
            where readings.track_id = editions.track_id
            order by readings.observed_on desc
            limit 1
        ) as latest_reading
        on true
    left join track_credits
        on editions.track_id = track_credits.track_id
    where editions.is_home
)

select * from final
