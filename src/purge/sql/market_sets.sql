-- Sets of markets that no album and no track has any more. They have no time.
with used as (
    select market_set_id from raw.albums
    union
    select market_set_id from raw.album_tracks
    union
    select market_set_id from raw.track_details
),

due as (
    select market_sets.market_set_id
    from raw.market_sets as market_sets
    where not exists (select 1 from used where used.market_set_id = market_sets.market_set_id)
    limit $4
),

gone as (
    delete from raw.market_sets
    where market_set_id in (select market_set_id from due)
    returning 1
),

recorded as (
    insert into ops.purged as purged (purge_id, retention, relation, before, rows)
    select $1, 'albums', 'raw.market_sets', $2, count(*) from gone
    on conflict (purge_id, retention, relation) do update
    set rows = purged.rows + excluded.rows
)

select
    count(*) as rows,
    $3::timestamptz as reached
from due
