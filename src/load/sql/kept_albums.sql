select
    albums.album_id as id,
    null as album_id,
    null as source,
    albums.json,
    market_sets.markets,
    'available_markets' = any(albums.withheld_fields) as markets_withheld,
    albums.run_id,
    albums.extracted_at
from raw.albums as albums
left join raw.market_sets as market_sets on albums.market_set_id = market_sets.market_set_id
order by albums.extracted_at desc
