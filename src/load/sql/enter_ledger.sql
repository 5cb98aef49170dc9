insert into ops.album_ledger (album_id, discovered_run_id, loaded_run_id, loaded_at)
select
    album_id,
    $2,
    $2,
    now()
from unnest($1::text[]) as albums (album_id)
on conflict (album_id) do update
set loaded_run_id = excluded.loaded_run_id, loaded_at = excluded.loaded_at
