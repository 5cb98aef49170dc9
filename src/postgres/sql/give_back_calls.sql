update ops.calls_by_minute
set calls = greatest(calls - $1, 0)
where minute = (select max(minute) from ops.calls_by_minute)
