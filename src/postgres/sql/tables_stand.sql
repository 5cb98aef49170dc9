-- The tables stand as this run would build them when the run before it succeeded, the same models were published
-- last, and the list of new releases, whose positions they show, has not moved.
with previous as (
    select
        run_id,
        status
    from ops.runs
    where run_id <> $1
    order by started_at desc
    limit 1
),

moved as (
    select 1
    from (select album_id, position from raw.release_sightings where run_id = $1) as listed
    full join (
        select sightings.album_id, sightings.position
        from raw.release_sightings as sightings
        inner join previous on sightings.run_id = previous.run_id
    ) as listed_before
        on listed.album_id = listed_before.album_id and listed.position = listed_before.position
    where listed.album_id is null or listed_before.album_id is null
)

select
    exists (select 1 from previous where status = 'succeeded')
    and exists (select 1 from ops.published where fingerprint = $2)
    and not exists (select 1 from moved)
