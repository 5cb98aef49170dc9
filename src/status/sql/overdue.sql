-- What firstpress purge would take, and would have taken yesterday. $1 to $7 are days; null is for ever.
with overdue as (
    select
        1 as place,
        'albums' as retention,
        $1::integer as days,
        (select count(*) from raw.albums where extracted_at < now() - make_interval(days => $1 + 1)) as rows
    union all
    select
        2,
        'track_popularity',
        $2::integer,
        (
            select count(*)
            from raw.track_popularity as readings
            where
                readings.extracted_at < now() - make_interval(days => $2 + 1)
                and exists (
                    select 1
                    from raw.track_popularity as later
                    where later.track_id = readings.track_id and later.observed_on > readings.observed_on
                )
        )
    union all
    select
        3,
        'release_sightings',
        $3::integer,
        (
            select count(*)
            from raw.release_sightings as sightings
            where
                sightings.extracted_at < now() - make_interval(days => $3 + 1)
                and exists (
                    select 1
                    from raw.release_sightings as later
                    where
                        later.album_id = sightings.album_id
                        and (later.extracted_at, later.run_id) > (sightings.extracted_at, sightings.run_id)
                )
        )
    union all
    select
        4,
        'quarantine',
        $4::integer,
        (
            select count(*)
            from raw.quarantine
            where
                extracted_at < now() - make_interval(days => $4 + 1)
                and dropped_at is null
                and (item_type = 'album_track' or retry_at <= now())
        )
    union all
    select
        5,
        'json',
        $5::integer,
        (
            select count(*) from raw.albums
            where json is not null and extracted_at < now() - make_interval(days => $5 + 1)
        ) + (
            select count(*) from raw.track_details
            where json is not null and extracted_at < now() - make_interval(days => $5 + 1)
        )
    union all
    select
        6,
        'runs',
        $6::integer,
        (
            select count(distinct steps.run_id)
            from ops.run_steps as steps
            inner join ops.runs as runs on steps.run_id = runs.run_id
            where
                runs.started_at < now() - make_interval(days => $6 + 1)
                and runs.started_at < (select max(started_at) from ops.runs)
        )
    union all
    select
        7,
        'archive',
        $7::integer,
        (
            select count(*)
            from ops.archives as archives
            inner join ops.runs as runs on archives.run_id = runs.run_id
            where archives.purged_at is null and runs.started_at < now() - make_interval(days => $7 + 1)
        )
)

select
    retention,
    days,
    rows
from overdue
where rows > 0
order by place
