select
    release_week,
    count(*) as releases,
    release_week <= (now() at time zone 'utc')::date as has_begun
from core.dim_album
where release_week is not null
group by release_week
order by release_week desc
