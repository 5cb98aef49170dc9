-- Release weeks that only one of the weekly tables knows, or that no album has.
with

albums as (
    select distinct release_week from {{ ref('dim_album') }}
    where release_week is not null
),

trends as (
    select distinct release_week from {{ ref('weekly_feature_trend') }}
),

correlations as (
    select distinct release_week from {{ ref('feature_popularity_correlation') }}
    where release_week is not null
)

select
    albums.release_week,
    trends.release_week as in_weekly_feature_trend,
    correlations.release_week as in_feature_popularity_correlation
from albums
full join trends
    on albums.release_week = trends.release_week
full join correlations
    on coalesce(albums.release_week, trends.release_week) = correlations.release_week
where
    albums.release_week is null
    or trends.release_week is null
    or correlations.release_week is null
