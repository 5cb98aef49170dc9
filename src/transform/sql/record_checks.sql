insert into ops.check_results (run_id, check_name, passed, failing_rows)
select $1::uuid, result.*
from unnest($2::text[], $3::boolean[], $4::bigint[]) as result
on conflict (run_id, check_name) do update
set passed = excluded.passed, failing_rows = excluded.failing_rows
