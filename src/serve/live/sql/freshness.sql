select
    (select max(finished_at) from ops.runs where status = 'succeeded') as last_success_at,
    (select max(loaded_at) from ops.album_ledger) as last_album_at
