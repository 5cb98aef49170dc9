-- Before the files go: no run that is beyond the retention is archived again, whether it was in this archive or not.
with archives as (
    insert into ops.archives as archives (run_id, archive, files, rows, bytes, purged_at)
    select run_id, $3, 0, 0, 0, now()
    from ops.runs
    where started_at < $2
    on conflict (run_id, archive) do update
    set purged_at = excluded.purged_at
    where archives.purged_at is null
)

insert into ops.purged (purge_id, retention, relation, before, rows)
values ($1, 'archive', 'ops.archives', $2, $4)
