select activity.application_name || ', connected since '
    || to_char(activity.backend_start at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'
from pg_locks as locks
inner join pg_stat_activity as activity on locks.pid = activity.pid
where
    locks.locktype = 'advisory'
    and locks.granted
    and locks.database = (select oid from pg_database where datname = current_database())
    and (locks.classid::bigint << 32) + locks.objid::bigint = x'667072657373'::bigint
limit 1
