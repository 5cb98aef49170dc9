update ops.purges
set finished_at = now()
where purge_id = $1
