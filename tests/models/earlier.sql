-- All that is stored was stored between three and thirty days ago, so that only what later.sql does is new to an
-- incremental build.

update raw.albums set extracted_at = extracted_at - interval '1 day' * (3 + abs(hashtext(album_id)) % 28);
update raw.album_tracks set extracted_at = albums.extracted_at
from raw.albums as albums where album_tracks.album_id = albums.album_id;
update raw.track_details set extracted_at = extracted_at - interval '1 day' * (3 + abs(hashtext(track_id)) % 28);
update raw.audio_features set extracted_at = extracted_at - interval '1 day' * (3 + abs(hashtext(track_id)) % 28);
update raw.artists set extracted_at = extracted_at - interval '1 day' * (3 + abs(hashtext(artist_id)) % 28);
update raw.track_popularity
set
    extracted_at = extracted_at - interval '1 day' * (3 + abs(hashtext(track_id)) % 28),
    observed_on = observed_on - (3 + abs(hashtext(track_id)) % 28);
update raw.release_sightings
set extracted_at = extracted_at - interval '1 day' * (3 + abs(hashtext(album_id)) % 28);
