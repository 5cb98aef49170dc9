-- $1: how many of the latest release weeks, $2: one more
with

latest as (
    select distinct release_week
    from trends.feature_popularity_correlation
    where release_week is not null
    order by release_week desc
    limit $1
)

select
    period,
    feature,
    tracks,
    n,
    pearson,
    pearson_low,
    pearson_high,
    spearman,
    spearman_low,
    spearman_high,
    correlation_missing_reason,
    rows_spotify,
    rows_reccobeats,
    updated_at
from trends.feature_popularity_correlation
where
    period = 'all'
    or release_week = $2
    or release_week in (select latest.release_week from latest)
order by release_week desc nulls first, feature
