-- The newest $1 release weeks: one step in the index each, so that the table is not read for them.
with recursive weeks as (
    select
        1 as place,
        max(release_week) as release_week
    from trends.weekly_top_releases
    union all
    select
        weeks.place + 1 as place,
        (
            select max(earlier.release_week)
            from trends.weekly_top_releases as earlier
            where earlier.release_week < weeks.release_week
        ) as release_week
    from weeks
    where weeks.release_week is not null and weeks.place < $1
)

select release_week
from weeks
where release_week is not null
order by release_week desc
