update ops.runs
set
    status = $2,
    finished_at = now(),
    error = $3,
    not_before = $4
where run_id = $1
