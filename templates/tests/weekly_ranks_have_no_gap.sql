-- Weeks whose ranks are not 1 to the number of their releases.
select
    release_week,
    count(*) as releases,
    max(rank) as last_rank
from {{ ref('weekly_top_releases') }}
group by release_week
having max(rank) <> count(*)
