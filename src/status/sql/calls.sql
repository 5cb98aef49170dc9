-- A minute counts for as long as it does where calls are granted: until all of it is more than 24 hours old.
select
    coalesce(sum(calls), 0)::bigint as calls,
    min(minute) filter (where calls > 0) + interval '24 hours 1 minute' as frees_at
from ops.calls_by_minute
where minute > now() - interval '24 hours 1 minute'
