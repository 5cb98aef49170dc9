select
    (select max(finished_at) from ops.runs where status = 'succeeded') as last_success_at,
    (select max(loaded_at) from ops.album_ledger) as last_album_at,
    (select count(*) from ops.album_ledger where loaded_at is not null) as known_albums,
    (select count(*) from ops.album_ledger where loaded_at is null) as waiting_albums,
    (select count(*) from raw.quarantine) as quarantined,
    (select count(*) from raw.audio_features where retry_at is not null) as features_awaited,
    (
        select coalesce(sum(api_calls.calls), 0)::bigint
        from ops.api_calls as api_calls
        inner join ops.runs as runs on api_calls.run_id = runs.run_id
        where runs.started_at > now() - interval '24 hours' and api_calls.endpoint <> '/api/token'
    ) as calls_24h,
    (select max(not_before) from ops.runs where not_before > now()) as not_before
