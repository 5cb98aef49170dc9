insert into ops.check_results (run_id, check_name, passed, failing_rows, status)
select
    $1,
    result.check_name,
    result.status = 'passed',
    result.failing_rows,
    result.status
from unnest($2::text[], $3::text[], $4::bigint[]) as result (check_name, status, failing_rows)
on conflict (run_id, check_name) do update
set passed = excluded.passed, failing_rows = excluded.failing_rows, status = excluded.status
