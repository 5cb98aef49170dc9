insert into raw.albums (
    album_id, name, album_type, artist_ids, total_tracks, release_date, release_date_precision, released_on, json, run_id,
    extracted_at
)
select
    'album-$1', 'Album $1', 'album', '{artist-$1}', 1, released_on::text, 'day', released_on, '{}', gen_random_uuid(), now()
from (select date '2026-11-02' + $1 % 14 as released_on) as release;

insert into raw.album_tracks (album_id, track_id, name, duration_ms, artist_ids, json, run_id, extracted_at)
values ('album-$1', 'track-$1', 'Track $1', 1000 + $1, '{artist-$1}', '{}', gen_random_uuid(), now());

insert into raw.track_details (track_id, name, duration_ms, artist_ids, json, run_id, extracted_at)
values ('track-$1', 'Track $1', 1000 + $1, '{artist-$1}', '{}', gen_random_uuid(), now());

insert into raw.artists (artist_id, name, run_id, extracted_at)
values ('artist-$1', 'Artist $1', gen_random_uuid(), now());

insert into raw.audio_features (track_id, source, energy, attempts, json, run_id, extracted_at)
values ('track-$1', 'spotify', 0.001 * $1, 1, '{}', gen_random_uuid(), now());

insert into raw.track_popularity (track_id, observed_on, popularity, run_id, extracted_at)
values ('track-$1', '2026-11-20', $1 % 100, gen_random_uuid(), now());

insert into raw.release_sightings (run_id, album_id, position, extracted_at)
values (gen_random_uuid(), 'album-$1', 1, now())
