insert into ops.api_calls (run_id, endpoint, calls, bytes, retries, rate_limited, failed, waited_seconds)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (run_id, endpoint) do update set
    calls = excluded.calls,
    bytes = excluded.bytes,
    retries = excluded.retries,
    rate_limited = excluded.rate_limited,
    failed = excluded.failed,
    waited_seconds = excluded.waited_seconds
