insert into ops.published (fingerprint, published_at)
values ($1, now())
on conflict (is_published) do update
set fingerprint = excluded.fingerprint, published_at = excluded.published_at
