-- A minute counts until all of it is more than 24 hours old, so that no 24 hours hold more than the budget.
with last_day as (
    select
        coalesce(sum(calls), 0)::bigint as used,
        min(minute) as first_minute
    from ops.calls_by_minute
    where minute > now() - interval '24 hours 1 minute'
),

granted as (
    select
        used,
        first_minute,
        case when $2::bigint is null then $1::bigint else least($1::bigint, greatest($2::bigint - used, 0)) end as calls
    from last_day
),

entered as (
    insert into ops.calls_by_minute (minute, calls)
    select
        date_trunc('minute', now()),
        calls
    from granted
    where calls > 0
    on conflict (minute) do update
    set calls = ops.calls_by_minute.calls + excluded.calls
)

select
    calls,
    -- greatest alone passes over the null of no budget
    case when $2::bigint is not null then greatest($2::bigint - used - calls, 0) end as calls_left,
    first_minute + interval '24 hours 1 minute' as frees_at
from granted
