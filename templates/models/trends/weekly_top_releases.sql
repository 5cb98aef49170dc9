{{ config(
    unique_key=['release_week', 'rank'],
    indexes=[{'columns': ['release_week', 'rank'], 'unique': true}]
) }}

with

albums as (
    select * from {{ ref('dim_album') }}
),

album_tracks as (
    select * from {{ ref('album_track') }}
),

tracks as (
    select * from {{ ref('dim_track') }}
),

album_popularity as (
    select
        album_tracks.album_id,
        count(*)::integer as tracks,
        count(tracks.popularity)::integer as tracks_with_popularity,
        max(tracks.popularity) as max_track_popularity,
        avg(tracks.popularity) as mean_track_popularity,
        max(tracks.popularity_observed_on) as observed_on
    from album_tracks
    inner join tracks
        on album_tracks.track_id = tracks.track_id
    group by album_tracks.album_id
),

releases as (
    select
        albums.release_week,
        albums.album_id,
        albums.album_name,
        albums.artist_names,
        albums.release_type,
        albums.label,
        albums.release_date,
        coalesce(album_popularity.tracks, 0) as tracks,
        coalesce(album_popularity.max_track_popularity, albums.album_popularity) as popularity,
        album_popularity.mean_track_popularity,
        coalesce(album_popularity.tracks_with_popularity, 0) as tracks_with_popularity,
        album_popularity.observed_on,
        albums.album_popularity,
        albums.album_popularity_missing_reason,
        albums.list_position
    from albums
    left join album_popularity
        on albums.album_id = album_popularity.album_id
    where albums.release_week is not null
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
        end as popularity_coverage
    from releases
    window by_week as (partition by release_week)
)

select * from final
