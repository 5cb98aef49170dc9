insert into ops.purges (purge_id, version, retention)
values ($1, $2, $3)
returning started_at
