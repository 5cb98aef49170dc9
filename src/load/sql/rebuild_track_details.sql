update raw.track_details as stored
set
    (
        album_id, name, duration_ms, explicit, popularity, isrc, artist_ids, market_set_id, withheld_fields
    ) = row(
        rebuilt.album_id, rebuilt.name, rebuilt.duration_ms, rebuilt.explicit, rebuilt.popularity, rebuilt.isrc,
        rebuilt.artist_ids, rebuilt.market_set_id, rebuilt.withheld_fields
    )
from rebuilt_track_details as rebuilt
where
    stored.track_id = rebuilt.track_id
    and row(
        stored.album_id, stored.name, stored.duration_ms, stored.explicit, stored.popularity, stored.isrc,
        stored.artist_ids, stored.market_set_id, stored.withheld_fields
    ) is distinct from row(
        rebuilt.album_id, rebuilt.name, rebuilt.duration_ms, rebuilt.explicit, rebuilt.popularity, rebuilt.isrc,
        rebuilt.artist_ids, rebuilt.market_set_id, rebuilt.withheld_fields
    )
