with due as (
    select
        item_type,
        item_id,
        extracted_at
    from raw.quarantine
    where json is not null and extracted_at >= $3 and extracted_at < $2
    order by extracted_at
    limit $4
),

emptied as (
    update raw.quarantine
    set json = null
    where (item_type, item_id) in (select item_type, item_id from due)
    returning 1
),

recorded as (
    insert into ops.purged as purged (purge_id, retention, relation, before, rows)
    select $1, 'json', 'raw.quarantine', $2, count(*) from emptied
    on conflict (purge_id, retention, relation) do update
    set rows = purged.rows + excluded.rows
)

select
    count(*) as rows,
    max(extracted_at) as reached
from due
