-- The average of all new releases, each track once, from the weeks' averages: the squares within the weeks and those
-- between them add up to the squares of all.
with

weeks as (
    select
        trend.feature,
        trend.n,
        trend.mean,
        trend.stddev
    from trends.weekly_feature_trend as trend
    inner join trends.new_release_window as weeks_of_new
        on
            trend.release_week >= weeks_of_new.first_week
            and trend.release_week <= weeks_of_new.last_week
    where trend.n > 0
),

averages as (
    select
        feature,
        sum(n) as n,
        sum(n * mean) / sum(n) as mean
    from weeks
    group by feature
)

select
    averages.feature,
    averages.n,
    averages.mean,
    case
        when averages.n > 1
            then sqrt(
                sum(
                    (weeks.n - 1) * power(coalesce(weeks.stddev, 0), 2) + weeks.n * power(weeks.mean - averages.mean, 2)
                ) / (averages.n - 1)
            )
    end as stddev
from averages
inner join weeks
    on averages.feature = weeks.feature
group by averages.feature, averages.n, averages.mean
