insert into ops.spotify_apps (client_id, is_development_mode, reason, calls_per_second, not_before, learned_at)
values ($1, $2::text is not null, $2, $3, $4, now())
on conflict (client_id) do update
set
    is_development_mode = excluded.is_development_mode,
    reason = excluded.reason,
    calls_per_second = excluded.calls_per_second,
    -- a process that heard of no wait says nothing of one that another heard of
    not_before = greatest(ops.spotify_apps.not_before, excluded.not_before),
    learned_at = excluded.learned_at
