-- All that is stored was stored three days ago, so that what later.sql does is new to an incremental build.

update raw.albums set extracted_at = extracted_at - interval '3 days';
update raw.album_tracks set extracted_at = extracted_at - interval '3 days';
update raw.track_details set extracted_at = extracted_at - interval '3 days';
update raw.audio_features set extracted_at = extracted_at - interval '3 days';
update raw.artists set extracted_at = extracted_at - interval '3 days';
update raw.track_popularity set extracted_at = extracted_at - interval '3 days', observed_on = observed_on - 3;
update raw.release_sightings set extracted_at = extracted_at - interval '3 days';
