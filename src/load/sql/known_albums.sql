select count(*) from ops.album_ledger where loaded_at is not null
