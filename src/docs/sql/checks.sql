-- A run writes down what each of its checks found. firstpress transform keeps only the failing rows of a check, and
-- forgets those of before: so rows of no run mean that it fails since, and no rows that it passes since.
with latest as (
    select run_id
    from ops.check_results
    order by run_id desc
    limit 1
),

results as (
    select
        check_results.check_name,
        check_results.status,
        check_results.failing_rows,
        check_results.run_id,
        runs.started_at
    from ops.check_results as check_results
    inner join latest on check_results.run_id = latest.run_id
    inner join ops.runs as runs on check_results.run_id = runs.run_id
),

failures as (
    select
        check_name,
        (array_agg(run_id))[1] as run_id,
        max(found_at) as found_at,
        jsonb_agg(failing_row order by row_number) as first_rows
    from ops.check_failures
    group by check_name
)

select
    check_name,
    case
        when failures.run_id = results.run_id then results.status
        when failures.first_rows is not null then 'failed'
        else 'passed'
    end as status,
    case
        when failures.run_id = results.run_id then results.failing_rows
        when failures.first_rows is null then 0
    end as failing_rows,
    coalesce(failures.first_rows, '[]') as first_rows,
    case
        when failures.first_rows is not null then failures.found_at
        when results.status = 'passed' then results.started_at
    end as made_at
from results
full join failures using (check_name)
