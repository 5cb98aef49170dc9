insert into ops.run_progress as progress (run_id, step, started_at, done, total)
select
    $1,
    stages.step,
    stages.started_at,
    stages.done,
    stages.total
from unnest($2::text [], $3::timestamptz [], $4::bigint [], $5::bigint []) as stages (step, started_at, done, total)
on conflict (run_id, step) do update set
    started_at = excluded.started_at,
    done = excluded.done,
    total = excluded.total,
    updated_at = now()
