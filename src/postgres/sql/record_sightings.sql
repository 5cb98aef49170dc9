with listed as (
    select
        album_id,
        name,
        album_type,
        release_date,
        total_tracks,
        position
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[])
    with ordinality as listed (album_id, name, album_type, release_date, total_tracks, position)
),

seen as (
    insert into raw.release_sightings (run_id, album_id, position, name, album_type, release_date, extracted_at)
    select
        $1,
        album_id,
        position,
        name,
        album_type,
        release_date,
        now()
    from listed
    on conflict (run_id, album_id) do nothing
)

insert into ops.album_ledger (album_id, discovered_run_id, total_tracks)
select
    album_id,
    $1,
    total_tracks
from listed
order by position
on conflict (album_id) do nothing
