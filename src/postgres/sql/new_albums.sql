-- as pending_albums.sql would have them once the list is written down
select
    listed.album_id,
    listed.total_tracks
from unnest($1::text[], $2::integer[]) as listed (album_id, total_tracks)
where
    not exists (select 1 from ops.album_ledger as ledger where ledger.album_id = listed.album_id)
    and not exists (
        select 1
        from raw.quarantine as waiting
        where
            waiting.item_type = 'album'
            and waiting.item_id = listed.album_id
            and coalesce(waiting.retry_at, 'infinity') > now()
    )
order by listed.album_id
