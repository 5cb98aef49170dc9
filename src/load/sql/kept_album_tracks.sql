select
    album_tracks.track_id as id,
    album_tracks.album_id,
    null as source,
    album_tracks.json,
    market_sets.markets,
    -- whether the field was null or was not there is not written down, and makes no difference
    album_tracks.market_set_id is null as markets_withheld,
    album_tracks.run_id,
    album_tracks.extracted_at
from raw.album_tracks as album_tracks
left join raw.market_sets as market_sets on album_tracks.market_set_id = market_sets.market_set_id
order by album_tracks.extracted_at desc
