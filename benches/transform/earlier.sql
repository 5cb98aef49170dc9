-- What was loaded so far lies a month back, so that what comes then is found as new.
update raw.albums set extracted_at = extracted_at - interval '30 days';
update raw.album_tracks set extracted_at = extracted_at - interval '30 days';
update raw.track_details set extracted_at = extracted_at - interval '30 days';
update raw.audio_features set extracted_at = extracted_at - interval '30 days';
update raw.artists set extracted_at = extracted_at - interval '30 days';
update raw.track_popularity set extracted_at = extracted_at - interval '30 days';
update raw.release_sightings set extracted_at = extracted_at - interval '30 days';
