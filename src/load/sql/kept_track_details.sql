select
    track_details.track_id as id,
    -- what an album's list says of a track does not name the album
    coalesce(
        track_details.album_id,
        (
            select min(album_tracks.album_id)
            from raw.album_tracks as album_tracks
            where album_tracks.track_id = track_details.track_id
        )
    ) as album_id,
    track_details.source,
    track_details.json,
    market_sets.markets,
    'available_markets' = any(track_details.withheld_fields) as markets_withheld,
    track_details.run_id,
    track_details.extracted_at
from raw.track_details as track_details
left join raw.market_sets as market_sets on track_details.market_set_id = market_sets.market_set_id
order by track_details.extracted_at desc
