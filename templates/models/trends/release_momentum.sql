{{ config(
    materialized='table',
    unique_key='album_id',
    indexes=[{'columns': ['album_id'], 'unique': true}],
    tags=['weekly']
) }}

with

new_release_window as (
    select * from {{ ref('new_release_window') }}
),

trajectories as (
    select * from {{ ref('popularity_trajectory') }}
),

tracks as (
    select * from {{ ref('dim_track') }}
),

readings as (
    select * from trajectories
    where
        release_date >= (select new_release_window.first_week from new_release_window)
        and release_date < (select new_release_window.last_week + 7 from new_release_window)
        and days_since_release >= 0
),

-- A week before is 6 to 8 days, for runs that were late.
gains as (
    select
        album_id,
        album_name,
        artist_names,
        release_date,
        days_since_release,
        observed_on,
        popularity,
        first_value(popularity) over week_before as earlier_popularity,
        (popularity - first_value(popularity) over week_before) * 7.0
        / (days_since_release - first_value(days_since_release) over week_before) as gain_per_week
    from readings
    window week_before as (
        partition by album_id order by days_since_release range between 8 preceding and 6 preceding
    )
),

compared as (
    select
        *,
        count(*) over by_age as releases_of_age,
        percent_rank() over (
            partition by days_since_release order by popularity
        ) as popularity_percentile,
        count(gain_per_week) over by_age as gains_of_age,
        percent_rank() over (
            partition by days_since_release, gain_per_week is null order by gain_per_week
        ) as gain_percentile
    from gains
    window by_age as (partition by days_since_release)
),

latest as (
    select distinct on (album_id) *
    from compared
    order by album_id asc, days_since_release desc
),

own_tracks as (
    select
        album_id,
        count(*)::integer as own_tracks
    from tracks
    where {{ is_among('album_id', 'latest') }}
    group by album_id
),

final as (
    select
        latest.album_id,
        latest.album_name,
        latest.artist_names,
        latest.release_date,
        coalesce(own_tracks.own_tracks, 0) as own_tracks,
        latest.observed_on,
        latest.days_since_release,
        latest.popularity,
        latest.releases_of_age::integer as releases_of_age,
        case
            when latest.releases_of_age >= {{ var('fewest_peers') }} then latest.popularity_percentile
        end as popularity_percentile,
        latest.earlier_popularity,
        {{ rounded('latest.gain_per_week') }} as gain_per_week,
        latest.gains_of_age::integer as gains_of_age,
        case
            when latest.gain_per_week is not null and latest.gains_of_age >= {{ var('fewest_peers') }}
                then latest.gain_percentile
        end as gain_percentile,
        case
            when latest.gain_per_week is null then 'no reading a week before'
            when latest.gains_of_age < {{ var('fewest_peers') }} then 'too few releases of this age'
        end as gain_missing_reason
    from latest
    left join own_tracks
        on latest.album_id = own_tracks.album_id
)

select * from final
