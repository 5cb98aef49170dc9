-- What a row keeps from being asked for again stays; the others only tell of a past.
with due as (
    select
        item_type,
        item_id,
        extracted_at
    from raw.quarantine
    where
        extracted_at >= $3
        and extracted_at < $2
        and dropped_at is null
        and (item_type = 'album_track' or retry_at <= now())
    order by extracted_at
    limit $4
),

gone as (
    delete from raw.quarantine
    where (item_type, item_id) in (select item_type, item_id from due)
    returning 1
),

recorded as (
    insert into ops.purged as purged (purge_id, retention, relation, before, rows)
    select $1, 'quarantine', 'raw.quarantine', $2, count(*) from gone
    on conflict (purge_id, retention, relation) do update
    set rows = purged.rows + excluded.rows
)

select
    count(*) as rows,
    max(extracted_at) as reached
from due
