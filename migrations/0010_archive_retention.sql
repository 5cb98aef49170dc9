-- What the archive may keep no longer is not archived again.

alter table ops.archives add column purged_at timestamptz;
comment on table ops.archives is
'Runs whose raw rows are kept in an archive, or were until they were purged. A run that is in none is archived by the next. Key: run_id, archive';
comment on column ops.archives.purged_at is
'When the run was beyond the retention of the archive, and its files went if there were any; null before';
