-- Somebody decided between two runs that these are not to be asked about again.
update raw.audio_features as audio_features
set retry_at = null
from raw.quarantine as quarantine
where
    quarantine.item_type = 'audio_features'
    and quarantine.dropped_at is not null
    and quarantine.item_id = audio_features.track_id
    and audio_features.source is null;
analyze raw.albums, raw.album_tracks, raw.track_details, raw.audio_features, raw.artists, raw.track_popularity,
raw.release_sightings, ops.album_ledger;
