select
    release_week,
    count(*) as releases,
    release_week <= (select (published_at at time zone 'utc')::date from ops.published) as has_begun
from core.dim_album
where release_week is not null
group by release_week
order by release_week desc
