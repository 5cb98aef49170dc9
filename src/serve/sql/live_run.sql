-- The run that is at work, or the latest. One that died without a word still says that it is running, until the next
-- begins: only the run lock, which the server takes from a dead process, tells. Its key spells "fpress".
with latest as (
    select
        run_id,
        status,
        started_at,
        finished_at,
        error,
        exists (
            select 1
            from pg_locks as locks
            inner join pg_stat_activity as activity on locks.pid = activity.pid
            where
                locks.locktype = 'advisory'
                and locks.granted
                and locks.database = (select oid from pg_database where datname = current_database())
                and (locks.classid::bigint << 32) + locks.objid::bigint = x'667072657373'::bigint
                and activity.application_name = 'firstpress run ' || runs.run_id::text
        ) as is_at_work
    from ops.runs
    order by started_at desc
    limit 1
)

select
    run_id,
    case when status = 'running' and not is_at_work then 'died?' else status end as status,
    started_at,
    finished_at,
    extract(epoch from finished_at - started_at)::double precision as seconds,
    error,
    is_at_work
from latest
