insert into ops.api_calls (run_id, endpoint, calls, bytes, retries, rate_limited, failed, waited_seconds)
values ($1, $2, $3, $4, $5, $6, $7, $8)
