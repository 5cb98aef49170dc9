select
    release_week,
    rank,
    album_id,
    album_name,
    artist_names,
    release_type,
    popularity,
    popularity_missing_reason,
    popularity_coverage,
    ranked_by
from trends.weekly_top_releases
where release_week = (
    select max(release_week)
    from trends.weekly_top_releases
    -- albums are listed before they come out, too
    where release_week <= (now() at time zone 'utc')::date
)
order by rank
limit 5
