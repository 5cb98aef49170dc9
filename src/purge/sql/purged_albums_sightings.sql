-- A list may go on showing an album that was purged.
with due as (
    select
        sightings.run_id,
        sightings.album_id,
        sightings.extracted_at
    from raw.release_sightings as sightings
    inner join ops.album_ledger as ledger on sightings.album_id = ledger.album_id
    where
        ledger.loaded_at is not null
        and not exists (select 1 from raw.albums as albums where albums.album_id = sightings.album_id)
        and sightings.extracted_at >= $3
    order by sightings.extracted_at
    limit $4
),

gone as (
    delete from raw.release_sightings
    where (run_id, album_id) in (select run_id, album_id from due)
    returning 1
),

recorded as (
    insert into ops.purged as purged (purge_id, retention, relation, before, rows)
    select $1, 'albums', 'raw.release_sightings', $2, count(*) from gone
    on conflict (purge_id, retention, relation) do update
    set rows = purged.rows + excluded.rows
)

select
    count(*) as rows,
    max(extracted_at) as reached
from due
