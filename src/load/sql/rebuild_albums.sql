update raw.albums as stored
set
    (
        name, album_type, artist_ids, total_tracks, release_date, release_date_precision, released_on, label,
        popularity, upc, market_set_id, withheld_fields
    ) = row(
        rebuilt.name, rebuilt.album_type, rebuilt.artist_ids, rebuilt.total_tracks, rebuilt.release_date,
        rebuilt.release_date_precision, rebuilt.released_on, rebuilt.label, rebuilt.popularity, rebuilt.upc,
        rebuilt.market_set_id, rebuilt.withheld_fields
    )
from rebuilt_albums as rebuilt
where
    stored.album_id = rebuilt.album_id
    and row(
        stored.name, stored.album_type, stored.artist_ids, stored.total_tracks, stored.release_date,
        stored.release_date_precision, stored.released_on, stored.label, stored.popularity, stored.upc,
        stored.market_set_id, stored.withheld_fields
    ) is distinct from row(
        rebuilt.name, rebuilt.album_type, rebuilt.artist_ids, rebuilt.total_tracks, rebuilt.release_date,
        rebuilt.release_date_precision, rebuilt.released_on, rebuilt.label, rebuilt.popularity, rebuilt.upc,
        rebuilt.market_set_id, rebuilt.withheld_fields
    )
