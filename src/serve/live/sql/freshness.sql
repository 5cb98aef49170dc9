select
    (select max(finished_at) from ops.run_states where brought_data) as last_data_at,
    (select max(finished_at) from ops.runs where status = 'succeeded') as last_success_at,
    (select max(loaded_at) from ops.album_ledger) as last_album_at
