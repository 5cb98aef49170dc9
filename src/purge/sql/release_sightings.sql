-- The latest sighting of an album says what kind of release it is: it goes with the album.
with due as (
    select
        sightings.run_id,
        sightings.album_id,
        sightings.extracted_at
    from raw.release_sightings as sightings
    where
        sightings.extracted_at >= $3
        and sightings.extracted_at < $2
        and exists (
            select 1
            from raw.release_sightings as later
            where
                later.album_id = sightings.album_id
                and (later.extracted_at, later.run_id) > (sightings.extracted_at, sightings.run_id)
        )
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
    select $1, 'release_sightings', 'raw.release_sightings', $2, count(*) from gone
    on conflict (purge_id, retention, relation) do update
    set rows = purged.rows + excluded.rows
)

select
    count(*) as rows,
    max(extracted_at) as reached
from due
