-- A hundred albums of the day before yesterday, like a hundred that there are, and their first popularity.
create temporary table picked as
select album_id, '+' || :day as suffix
from raw.albums
where album_id !~ '[-+]'
order by album_id
limit 100;

create temporary table picked_tracks as
select distinct track_id, suffix
from raw.album_tracks
inner join picked using (album_id);

insert into raw.albums (
    album_id, name, album_type, artist_ids, total_tracks, release_date, release_date_precision, released_on, label,
    popularity, json, run_id, extracted_at
)
select
    album_id || suffix, name, album_type, artist_ids, total_tracks, (current_date - 2)::text, 'day', current_date - 2,
    label, popularity, '{}', run_id, now()
from raw.albums
inner join picked using (album_id);

insert into raw.album_tracks (
    album_id, track_id, disc_number, track_number, name, duration_ms, explicit, artist_ids, json, run_id, extracted_at
)
select
    album_id || suffix, track_id || suffix, disc_number, track_number, name, duration_ms, explicit, artist_ids, '{}',
    run_id, now()
from raw.album_tracks
inner join picked using (album_id);

insert into raw.track_details (
    track_id, album_id, name, duration_ms, explicit, isrc, artist_ids, json, run_id, extracted_at
)
select track_id || suffix, album_id, name, duration_ms, explicit, isrc, artist_ids, '{}', run_id, now()
from raw.track_details
inner join picked_tracks using (track_id);

insert into raw.audio_features (
    track_id, source, danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness, liveness,
    valence, tempo, missing_reason, attempts, json, run_id, extracted_at
)
select
    track_id || suffix, source, danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
    liveness, valence, tempo, missing_reason, attempts, '{}', run_id, now()
from raw.audio_features
inner join picked_tracks using (track_id);

insert into raw.track_popularity (track_id, observed_on, popularity, run_id, extracted_at)
select track_id || suffix, current_date, abs(hashtext(track_id)) % 100, gen_random_uuid(), now()
from picked_tracks;
