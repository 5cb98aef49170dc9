insert into ops.runs (run_id, status, started_at, finished_at, version, api_url, not_before, daily_budget, error)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (run_id) do nothing
