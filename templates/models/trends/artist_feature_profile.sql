{{ config(
    materialized='table',
    unique_key='artist_id',
    indexes=[{'columns': ['artist_id'], 'unique': true}]
) }}

with

new_release_window as (
    select * from {{ ref('new_release_window') }}
),

albums as (
    select * from {{ ref('dim_album') }}
),

tracks as (
    select * from {{ ref('dim_track') }}
),

track_artists as (
    select * from {{ ref('track_artist') }}
),

artists as (
    select * from {{ ref('dim_artist') }}
),

new_albums as (
    select album_id from albums
    where
        release_week >= (select new_release_window.first_week from new_release_window)
        and release_week <= (select new_release_window.last_week from new_release_window)
),

new_tracks as (
    select * from tracks
    where {{ is_among('album_id', 'new_albums') }}
),

credits as (
    select
        track_id,
        artist_id
    from track_artists
    where {{ is_among('track_id', 'new_tracks') }}
),

profiles as (
    select
        credits.artist_id,
        count(*)::integer as tracks,
        count(distinct new_tracks.album_id)::integer as albums,
        count(new_tracks.features_source)::integer as tracks_with_features,
        count(*) filter (where new_tracks.features_source = 'spotify')::integer as rows_spotify,
        count(*) filter (where new_tracks.features_source = 'reccobeats')::integer as rows_reccobeats,
        {% for feature in var('audio_features') -%}
            {{ rounded('avg(new_tracks.' ~ feature ~ ')') }} as {{ feature }},
        {% endfor -%}
        {{ rounded('avg(new_tracks.popularity)') }} as mean_popularity,
        count(new_tracks.popularity)::integer as tracks_with_popularity
    from credits
    inner join new_tracks
        on credits.track_id = new_tracks.track_id
    group by credits.artist_id
),

final as (
    select
        profiles.artist_id,
        artists.artist_name,
        profiles.tracks,
        profiles.albums,
        profiles.tracks_with_features,
        profiles.rows_spotify,
        profiles.rows_reccobeats,
        {% for feature in var('audio_features') -%}
            profiles.{{ feature }},
            case
                when profiles.{{ feature }} is not null
                    then percent_rank() over (
                        partition by profiles.{{ feature }} is null
                        order by profiles.{{ feature }}
                    )
            end as {{ feature }}_percentile,
        {% endfor -%}
        profiles.mean_popularity,
        profiles.tracks_with_popularity
    from profiles
    inner join artists
        on profiles.artist_id = artists.artist_id
)

select * from final
