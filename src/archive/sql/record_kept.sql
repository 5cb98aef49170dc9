insert into ops.archives (run_id, archive, files, rows, bytes)
values ($1, $2, $3, $4, $5)
on conflict (run_id, archive) do update
set files = excluded.files, rows = excluded.rows, bytes = excluded.bytes, archived_at = now(), purged_at = null
