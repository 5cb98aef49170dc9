select
    (select max(finished_at) from ops.run_states where brought_data) as last_data_at,
    (select max(finished_at) from ops.runs where status = 'succeeded') as last_success_at,
    (select max(loaded_at) from ops.album_ledger) as last_album_at,
    (select count(*) from ops.album_ledger where loaded_at is not null) as known_albums,
    backlog.waiting_albums,
    backlog.features_awaited,
    backlog.features_due,
    backlog.isrcs_waiting,
    backlog.quarantined,
    greatest(
        (
            select case when not_before > now() then not_before end
            from ops.runs
            order by started_at desc
            limit 1
        ),
        (select max(not_before) filter (where not_before > now()) from ops.spotify_apps)
    ) as not_before
from ops.backlog as backlog
