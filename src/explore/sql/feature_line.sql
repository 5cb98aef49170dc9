{#-
    The line of popularity on a feature: a column of core.dim_track. $1 is a release week or null for all time. The
    sums of a feature that does not vary can be noise, so that there is no line through it.
-#}
with

pairs as (
    select
        tracks.popularity,
        tracks.popularity_observed_on,
        tracks.{{ feature }} as value
    from core.dim_track as tracks
    inner join core.dim_album as albums
        on tracks.album_id = albums.album_id
    where $1::date is null or albums.release_week = $1
),

sums as (
    select
        regr_count(popularity, value) as n,
        regr_slope(popularity, value) as slope,
        regr_intercept(popularity, value) as intercept,
        min(value) filter (where popularity is not null) as least,
        max(value) filter (where popularity is not null) as greatest,
        min(popularity_observed_on) filter (where value is not null) as first_observed_on,
        max(popularity_observed_on) filter (where value is not null) as last_observed_on
    from pairs
)

select
    n,
    case when least < greatest then slope end as slope,
    case when least < greatest then intercept end as intercept,
    least as least_value,
    greatest as greatest_value,
    first_observed_on,
    last_observed_on
from sums
