insert into ops.capabilities (endpoint, usable, reason, asked_at, is_inferred, client_id)
values ($1, $2, $3, $4, $5, $6)
on conflict (endpoint) do update
set
    usable = excluded.usable,
    reason = excluded.reason,
    asked_at = excluded.asked_at,
    is_inferred = excluded.is_inferred,
    client_id = excluded.client_id
