{{ config(
    unique_key='release_date',
    indexes=[{'columns': ['release_date'], 'unique': true}]
) }}

with

albums as (
    select * from {{ ref('dim_album') }}
),

album_tracks as (
    select * from {{ ref('album_track') }}
),

album_artists as (
    select * from {{ ref('album_artist') }}
),

releases_by_day as (
    select
        release_date,
        count(*)::integer as releases,
        count(*) filter (where release_type = 'album')::integer as albums,
        count(*) filter (where release_type = 'single')::integer as singles,
        count(*) filter (where release_type = 'ep')::integer as eps,
        count(*) filter (where release_type = 'compilation')::integer as compilations,
        count(label)::integer as releases_with_label,
        case
            when count(label) > 0 or not bool_or(label_missing_reason = 'withheld by Spotify')
                then count(distinct label)::integer
        end as labels
    from albums
    where release_date is not null
    group by release_date
),

tracks_by_day as (
    select
        albums.release_date,
        count(distinct album_tracks.track_id)::integer as tracks
    from albums
    inner join album_tracks
        on albums.album_id = album_tracks.album_id
    where albums.release_date is not null
    group by albums.release_date
),

artists_by_day as (
    select
        albums.release_date,
        count(distinct album_artists.artist_id)::integer as artists
    from albums
    inner join album_artists
        on albums.album_id = album_artists.album_id
    where albums.release_date is not null
    group by albums.release_date
),

final as (
    select
        releases_by_day.release_date,
        releases_by_day.releases,
        releases_by_day.albums,
        releases_by_day.singles,
        releases_by_day.eps,
        releases_by_day.compilations,
        coalesce(tracks_by_day.tracks, 0) as tracks,
        releases_by_day.labels,
        releases_by_day.releases_with_label,
        coalesce(artists_by_day.artists, 0) as artists
    from releases_by_day
    left join tracks_by_day
        on releases_by_day.release_date = tracks_by_day.release_date
    left join artists_by_day
        on releases_by_day.release_date = artists_by_day.release_date
)

select * from final
