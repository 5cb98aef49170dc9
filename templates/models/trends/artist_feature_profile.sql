{{ config(
    unique_key='artist_id',
    indexes=[{'columns': ['artist_id'], 'unique': true}]
) }}

with

artists as (
    select * from {{ ref('dim_artist') }}
),

track_artists as (
    select * from {{ ref('track_artist') }}
),

tracks as (
    select * from {{ ref('dim_track') }}
),

profiles as (
    select
        track_artists.artist_id,
        count(*)::integer as tracks,
        count(distinct tracks.album_id)::integer as albums,
        count(tracks.features_source)::integer as tracks_with_features,
        count(*) filter (where tracks.features_source = 'spotify')::integer as rows_spotify,
        count(*) filter (where tracks.features_source = 'reccobeats')::integer as rows_reccobeats,
        {% for feature in var('audio_features') -%}
            {{ rounded('avg(tracks.' ~ feature ~ ')') }} as {{ feature }},
        {% endfor -%}
        {{ rounded('avg(tracks.popularity)') }} as mean_popularity,
        count(tracks.popularity)::integer as tracks_with_popularity
    from track_artists
    inner join tracks
        on track_artists.track_id = tracks.track_id
    group by track_artists.artist_id
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
