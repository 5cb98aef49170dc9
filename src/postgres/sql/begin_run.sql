insert into ops.runs (run_id, status, version, api_url, daily_budget)
values ($1, 'running', $2, $3, $4)
