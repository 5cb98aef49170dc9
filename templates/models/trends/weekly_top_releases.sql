{{ config(
    unique_key='release_week',
    indexes=[
        {'columns': ['release_week', 'rank'], 'unique': true},
        {'columns': ['updated_at']},
    ],
    tags=['weekly']
) }}

with

albums as not materialized (
    select * from {{ ref('dim_album') }}
),

album_tracks as not materialized (
    select * from {{ ref('album_track') }}
),

tracks as not materialized (
    select * from {{ ref('dim_track') }}
),

{% if is_incremental() -%}
    changed as (
        {{ changed_weeks() }}
    ),
{%- endif %}

dated_albums as (
    select * from albums
    where
        release_week is not null
        {% if is_incremental() -%}
            and {{ is_among('release_week', 'changed') }}
        {%- endif %}
),

places as (
    select
        album_id,
        track_id
    from album_tracks
    {% if is_incremental() -%}
        where {{ is_among('album_id', 'dated_albums') }}
    {%- endif %}
),

album_popularity as (
    select
        places.album_id,
        count(*)::integer as tracks,
        count(tracks.popularity)::integer as tracks_with_popularity,
        max(tracks.popularity) as max_track_popularity,
        avg(tracks.popularity) as mean_track_popularity,
        max(tracks.popularity_observed_on) as observed_on,
        max(tracks.updated_at) as updated_at
    from places
    inner join tracks
        on places.track_id = tracks.track_id
    {% if is_incremental() -%}
        where {{ is_among('tracks.track_id', 'places') }}
    {%- endif %}
    group by places.album_id
),

releases as (
    select
        dated_albums.release_week,
        dated_albums.album_id,
        dated_albums.album_name,
        dated_albums.artist_names,
        dated_albums.release_type,
        dated_albums.label,
        dated_albums.release_date,
        coalesce(album_popularity.tracks, 0) as tracks,
        coalesce(album_popularity.max_track_popularity, dated_albums.album_popularity) as popularity,
        album_popularity.mean_track_popularity,
        coalesce(album_popularity.tracks_with_popularity, 0) as tracks_with_popularity,
        album_popularity.observed_on,
        dated_albums.album_popularity,
        dated_albums.album_popularity_missing_reason,
        dated_albums.list_position,
        greatest(dated_albums.updated_at, album_popularity.updated_at) as updated_at
    from dated_albums
    left join album_popularity
        on dated_albums.album_id = album_popularity.album_id
),

final as (
    select
        release_week,
        row_number() over (
            partition by release_week
            order by
                popularity desc nulls last,
                mean_track_popularity desc nulls last,
                list_position asc nulls last,
                album_id collate "C"
        )::integer as rank,
        album_id,
        album_name,
        artist_names,
        release_type,
        label,
        release_date,
        tracks,
        popularity,
        case when popularity is null then album_popularity_missing_reason end as popularity_missing_reason,
        {{ rounded('mean_track_popularity') }} as mean_track_popularity,
        tracks_with_popularity,
        observed_on,
        album_popularity,
        list_position,
        case
            when tracks_with_popularity > 0 then 'popularity'
            when popularity is not null then 'album_popularity'
            when list_position is not null then 'list_position'
            else 'album_id'
        end as ranked_by,
        case count(popularity) over by_week
            when 0 then 'none'
            when count(*) over by_week then 'all'
            else 'some'
        end as popularity_coverage,
        updated_at
    from releases
    window by_week as (partition by release_week)
)

select * from final
