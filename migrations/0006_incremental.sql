-- What changed since the models were built last is found by extracted_at; the places of an album in the lists by album_id.

create index albums_extracted_at on raw.albums (extracted_at);
create index album_tracks_extracted_at on raw.album_tracks (extracted_at);
create index track_details_extracted_at on raw.track_details (extracted_at);
create index audio_features_extracted_at on raw.audio_features (extracted_at);
create index artists_extracted_at on raw.artists (extracted_at);
create index track_popularity_extracted_at on raw.track_popularity (extracted_at);
create index release_sightings_extracted_at on raw.release_sightings (extracted_at);
create index release_sightings_album_id on raw.release_sightings (album_id);
