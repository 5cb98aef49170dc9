{{ config(
    unique_key='release_date',
    indexes=[
        {'columns': ['release_date'], 'unique': true},
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

album_artists as not materialized (
    select * from {{ ref('album_artist') }}
),

{% if is_incremental() -%}
    changed_albums as (
        select album_id from albums
        where {{ is_new('updated_at') }}
        union distinct
        select album_id from album_tracks
        where {{ is_new('updated_at') }}
        union distinct
        select album_id from album_artists
        where {{ is_new('updated_at') }}
    ),

    changed as (
        select distinct release_date
        from albums
        where {{ is_among('album_id', 'changed_albums') }}
    ),
{%- endif %}

dated_albums as (
    select * from albums
    where
        release_date is not null
        {% if is_incremental() -%}
            and {{ is_among('release_date', 'changed') }}
        {%- endif %}
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
        end as labels,
        max(updated_at) as updated_at
    from dated_albums
    group by release_date
),

tracks_by_day as (
    select
        dated_albums.release_date,
        count(distinct album_tracks.track_id)::integer as tracks,
        max(album_tracks.updated_at) as updated_at
    from dated_albums
    inner join album_tracks
        on dated_albums.album_id = album_tracks.album_id
    {% if is_incremental() -%}
        where {{ is_among('album_tracks.album_id', 'dated_albums') }}
    {%- endif %}
    group by dated_albums.release_date
),

artists_by_day as (
    select
        dated_albums.release_date,
        count(distinct album_artists.artist_id)::integer as artists,
        max(album_artists.updated_at) as updated_at
    from dated_albums
    inner join album_artists
        on dated_albums.album_id = album_artists.album_id
    {% if is_incremental() -%}
        where {{ is_among('album_artists.album_id', 'dated_albums') }}
    {%- endif %}
    group by dated_albums.release_date
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
        coalesce(artists_by_day.artists, 0) as artists,
        greatest(
            releases_by_day.updated_at, tracks_by_day.updated_at, artists_by_day.updated_at
        ) as updated_at
    from releases_by_day
    left join tracks_by_day
        on releases_by_day.release_date = tracks_by_day.release_date
    left join artists_by_day
        on releases_by_day.release_date = artists_by_day.release_date
)

select * from final
