insert into ops.check_failures (check_name, row_number, failing_row, run_id)
select
    failure.check_name,
    failure.row_number,
    failure.failing_row,
    $4
from unnest($1::text[], $2::integer[], $3::jsonb[]) as failure (check_name, row_number, failing_row)
