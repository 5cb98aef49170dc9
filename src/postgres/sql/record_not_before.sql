update ops.runs
set not_before = $2
where run_id = $1
