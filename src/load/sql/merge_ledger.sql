insert into ops.album_ledger (album_id, discovered_run_id, loaded_run_id, loaded_at)
select
    album_id,
    $1,
    $1,
    now()
from staged_albums
on conflict (album_id) do update
set loaded_run_id = excluded.loaded_run_id, loaded_at = excluded.loaded_at
