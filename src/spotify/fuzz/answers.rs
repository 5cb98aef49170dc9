//! An object of each kind, with every field that the Web API may send. `ID` stands for its id.

pub(super) const LISTED_ALBUM: &str = r#"{
    "album_type": "ep", "artists": [{"external_urls": {}, "href": "h", "id": "0TnOYISbd1XYRBk9myaseg",
        "name": "Pitbull", "type": "artist", "uri": "u"}],
    "available_markets": ["DE", "SE"], "external_urls": {"spotify": "s"}, "href": "h", "id": "ID",
    "images": [{"url": "i", "height": 300, "width": null}], "name": "Global Warming",
    "release_date": "2026-11-20", "release_date_precision": "day", "total_tracks": 2, "type": "album", "uri": "u"
}"#;

pub(super) const ALBUM_TRACK: &str = r#"{
    "artists": [{"id": "0TnOYISbd1XYRBk9myaseg", "name": "Pitbull"}], "available_markets": ["DE", "SE"],
    "disc_number": 1, "duration_ms": 203000, "explicit": false, "external_urls": {"spotify": "s"}, "href": "h",
    "id": "ID", "is_local": false, "is_playable": true,
    "linked_from": {"external_urls": {}, "href": "h", "id": "6rqhFgbbKwnb9MLmUQDhG6", "type": "track", "uri": "u"},
    "name": "Feel This Moment", "preview_url": null, "restrictions": {"reason": "market"}, "track_number": 1,
    "type": "track", "uri": "u"
}"#;

pub(super) const ALBUM: &str = r#"{
    "album_type": "single", "artists": [{"id": "0TnOYISbd1XYRBk9myaseg", "name": "Pitbull"}],
    "available_markets": ["DE", "SE"], "copyrights": [{"text": "2026 Label", "type": "C"}],
    "external_ids": {"upc": "00886443671584"}, "external_urls": {"spotify": "s"}, "genres": [], "href": "h",
    "id": "ID", "images": [], "label": "Label", "name": "Global Warming", "popularity": 57,
    "release_date": "2026-11", "release_date_precision": "month", "restrictions": {"reason": "explicit"},
    "total_tracks": 2, "type": "album", "uri": "u",
    "tracks": {"href": "h", "limit": 50, "next": null, "offset": 0, "previous": null, "total": 2, "items": [
        {"artists": [{"id": "0TnOYISbd1XYRBk9myaseg", "name": "Pitbull"}], "available_markets": ["DE", "SE"],
         "disc_number": 1, "duration_ms": 203000, "explicit": false, "id": "6OmhkSOpvYBokMKQxpIGx2",
         "name": "Global Warming", "track_number": 1, "type": "track", "uri": "u"},
        null]}
}"#;

pub(super) const TRACK: &str = r#"{
    "album": {"album_type": "single", "artists": [{"id": "0TnOYISbd1XYRBk9myaseg"}],
        "available_markets": ["DE", "SE"], "id": "4aawyAB9vmqN3uQ7FjRGTy", "is_playable": true,
        "name": "Global Warming", "release_date": "2026", "release_date_precision": "year", "type": "album"},
    "artists": [{"id": "0TnOYISbd1XYRBk9myaseg", "name": "Pitbull"}], "available_markets": ["DE", "SE"],
    "disc_number": 1, "duration_ms": 203000, "explicit": true, "external_ids": {"isrc": "USRC11200786"},
    "external_urls": {"spotify": "s"}, "href": "h", "id": "ID", "is_local": false, "name": "Feel This Moment",
    "popularity": 54, "preview_url": null, "track_number": 1, "type": "track", "uri": "u"
}"#;

pub(super) const AUDIO_FEATURES: &str = r#"{
    "acousticness": 0.00242, "analysis_url": "a", "danceability": 0.585, "duration_ms": 237040, "energy": 0.842,
    "id": "ID", "instrumentalness": 0, "key": 9, "liveness": 0.0866, "loudness": -5.883, "mode": 0,
    "speechiness": 0.0556, "tempo": 118.211, "time_signature": 4, "track_href": "t", "type": "audio_features",
    "uri": "u", "valence": 0.428
}"#;

pub(super) const ERROR: &str =
    r#"{"error": {"status": 429, "message": "API rate limit exceeded", "reason": "QUOTA_EXCEEDED"}}"#;

pub(super) const TOKEN: &str =
    r#"{"access_token": "NgCXRKMzYjw", "token_type": "Bearer", "expires_in": 3600}"#;
