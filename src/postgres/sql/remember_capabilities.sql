insert into ops.capabilities (client_id, endpoint, usable, reason, asked_at, is_inferred)
select
    $1,
    endpoint,
    usable,
    reason,
    asked_at,
    is_inferred
from unnest($2::text[], $3::boolean[], $4::text[], $5::timestamptz[], $6::boolean[])
as learned (endpoint, usable, reason, asked_at, is_inferred)
on conflict (endpoint) do update
set
    client_id = excluded.client_id,
    usable = excluded.usable,
    reason = excluded.reason,
    asked_at = excluded.asked_at,
    is_inferred = excluded.is_inferred
-- what another process has learned meanwhile stands; what is older than a day may also be entered as to be asked anew
where
    ops.capabilities.client_id is distinct from excluded.client_id
    or excluded.asked_at >= ops.capabilities.asked_at
    or ops.capabilities.asked_at < now() - interval '1 day'
