update ops.runs
set
    status = $2,
    finished_at = now(),
    error = $3,
    not_before = $4
-- a run that lost its lock may have been marked dead by the next
where run_id = $1 and status = 'running'
