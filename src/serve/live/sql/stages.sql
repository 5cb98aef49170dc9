-- The stages of a run in their order. One that has ended stands in ops.run_steps.
with ended as (
    select
        step,
        status,
        started_at,
        finished_at,
        rows,
        calls
    from ops.run_steps
    where run_id = $1
),

begun as (
    select
        step,
        started_at,
        done,
        total
    from ops.run_progress
    where run_id = $1
)

select
    coalesce(ended.step, begun.step) as step,
    coalesce(ended.status, case when $2 then 'running' else 'unfinished' end) as status,
    coalesce(ended.started_at, begun.started_at) as started_at,
    ended.finished_at,
    ended.rows,
    ended.calls,
    begun.done,
    begun.total
from ended
full join begun on ended.step = begun.step
order by coalesce(ended.started_at, begun.started_at), coalesce(ended.step, begun.step)
