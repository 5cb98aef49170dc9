truncate raw.market_sets, raw.albums, raw.album_tracks, raw.track_details, raw.audio_features, raw.artists,
raw.track_popularity, raw.release_sightings, raw.quarantine, ops.album_ledger
