insert into ops.runs (run_id, status, version, api_url)
values ($1, 'running', $2, $3)
