select
    (select max(finished_at) from ops.runs where status = 'succeeded') as last_success_at,
    (select max(loaded_at) from ops.album_ledger) as last_album_at,
    (select count(*) from ops.album_ledger where loaded_at is not null) as known_albums,
    (
        select count(*)
        from ops.album_ledger as ledger
        where
            ledger.loaded_at is null
            and not exists (
                select 1
                from raw.quarantine as dropped
                where
                    dropped.item_type = 'album'
                    and dropped.item_id = ledger.album_id
                    and dropped.dropped_at is not null
            )
    ) as waiting_albums,
    (select count(*) from raw.audio_features where retry_at is not null or attempts = 0) as features_awaited,
    (select count(*) from raw.audio_features where retry_at <= now() or (attempts = 0 and retry_at is null)) as features_due,
    (select count(*) from raw.track_details where source = 'album') as isrcs_waiting,
    (select count(*) from raw.quarantine where dropped_at is null) as quarantined,
    greatest(
        (
            select case when not_before > now() then not_before end
            from ops.runs
            order by started_at desc
            limit 1
        ),
        (select max(not_before) filter (where not_before > now()) from ops.spotify_apps)
    ) as not_before
