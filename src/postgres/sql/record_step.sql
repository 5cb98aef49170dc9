insert into ops.run_steps (
    run_id, step, status, started_at, finished_at, rows, calls, retries, waited_seconds, detail, error
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
