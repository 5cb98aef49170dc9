-- Of the latest run that made any. Those that did not pass come first.
select
    results.check_name,
    results.status,
    results.failing_rows,
    runs.started_at as made_at
from ops.check_results as results
inner join ops.runs as runs
    on results.run_id = runs.run_id
where
    results.run_id = (
        select latest.run_id
        from ops.runs as latest
        where exists (select 1 from ops.check_results as made where made.run_id = latest.run_id)
        order by latest.started_at desc
        limit 1
    )
order by array_position(array['failed', 'warned', 'passed'], results.status), results.check_name
