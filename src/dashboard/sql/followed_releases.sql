-- $1: albums
with

readings as (
    select
        album_id,
        count(*) as readings,
        min(observed_on) as first_observed_on
    from trends.popularity_trajectory
    where album_id = any($1)
    group by album_id
),

latest as (
    select distinct on (album_id)
        album_id,
        album_name,
        artist_names,
        release_date,
        observed_on,
        days_since_release,
        popularity
    from trends.popularity_trajectory
    where album_id = any($1)
    order by album_id asc, days_since_release desc
)

select
    latest.album_id,
    latest.album_name,
    latest.artist_names,
    latest.release_date,
    readings.readings,
    readings.first_observed_on,
    latest.observed_on,
    latest.days_since_release,
    latest.popularity,
    momentum.popularity_percentile,
    momentum.releases_of_age,
    momentum.gain_per_week,
    momentum.gain_percentile,
    momentum.gains_of_age,
    momentum.gain_missing_reason
from latest
inner join readings
    on latest.album_id = readings.album_id
left join trends.release_momentum as momentum
    on latest.album_id = momentum.album_id
order by array_position($1, latest.album_id)
