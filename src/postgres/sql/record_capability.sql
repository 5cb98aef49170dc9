insert into ops.capabilities (endpoint, usable, reason, asked_at)
values ($1, $2, $3, now())
on conflict (endpoint) do update
set usable = excluded.usable, reason = excluded.reason, asked_at = excluded.asked_at
