-- $1: first day of the month
select
    release_date,
    releases,
    albums,
    singles,
    eps,
    compilations,
    releases - albums - singles - eps - compilations as others,
    tracks,
    labels,
    releases_with_label,
    artists
from trends.release_calendar
where
    release_date >= $1
    and release_date < $1 + interval '1 month'
order by release_date
