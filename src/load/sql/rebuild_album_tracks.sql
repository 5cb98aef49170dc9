update raw.album_tracks as stored
set
    (
        disc_number, track_number, name, duration_ms, explicit, artist_ids, market_set_id
    ) = row(
        rebuilt.disc_number, rebuilt.track_number, rebuilt.name, rebuilt.duration_ms, rebuilt.explicit,
        rebuilt.artist_ids, rebuilt.market_set_id
    )
from rebuilt_album_tracks as rebuilt
where
    stored.album_id = rebuilt.album_id and stored.track_id = rebuilt.track_id
    and row(
        stored.disc_number, stored.track_number, stored.name, stored.duration_ms, stored.explicit, stored.artist_ids,
        stored.market_set_id
    ) is distinct from row(
        rebuilt.disc_number, rebuilt.track_number, rebuilt.name, rebuilt.duration_ms, rebuilt.explicit,
        rebuilt.artist_ids, rebuilt.market_set_id
    )
