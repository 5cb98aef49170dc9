-- The latest reading of a track is what is known of it today: it goes with the album.
with due as (
    select
        readings.track_id,
        readings.observed_on,
        readings.extracted_at
    from raw.track_popularity as readings
    where
        readings.extracted_at >= $3
        and readings.extracted_at < $2
        and exists (
            select 1
            from raw.track_popularity as later
            where later.track_id = readings.track_id and later.observed_on > readings.observed_on
        )
    order by readings.extracted_at
    limit $4
),

gone as (
    delete from raw.track_popularity
    where (track_id, observed_on) in (select track_id, observed_on from due)
    returning 1
),

recorded as (
    insert into ops.purged as purged (purge_id, retention, relation, before, rows)
    select $1, 'track_popularity', 'raw.track_popularity', $2, count(*) from gone
    on conflict (purge_id, retention, relation) do update
    set rows = purged.rows + excluded.rows
)

select
    count(*) as rows,
    max(extracted_at) as reached
from due
