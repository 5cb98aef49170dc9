-- The month to show: that of $1 or, without one, the latest month with a release that is not in the future ($2: today),
-- else the first; and the months with a release before and after it.
with

latest as (
    select
        coalesce(
            max(release_date) filter (where release_date <= $2),
            min(release_date)
        ) as release_date
    from trends.release_calendar
),

month as (
    select date_trunc('month', coalesce($1, latest.release_date)::timestamp)::date as first_day
    from latest
)

select
    month.first_day,
    (
        select date_trunc('month', max(days.release_date)::timestamp)::date
        from trends.release_calendar as days
        where days.release_date < month.first_day
    ) as earlier,
    (
        select date_trunc('month', min(days.release_date)::timestamp)::date
        from trends.release_calendar as days
        where days.release_date >= month.first_day + interval '1 month'
    ) as later
from month
where month.first_day is not null
