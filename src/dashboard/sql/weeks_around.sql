-- $1: a week
select
    (select max(release_week) from trends.weekly_top_releases where release_week < $1) as earlier,
    (select min(release_week) from trends.weekly_top_releases where release_week > $1) as later
