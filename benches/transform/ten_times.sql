-- Nine more histories of the same length, each before the one that follows, with artists of their own.
create temporary table earlier as
select
    n,
    '-' || n as suffix,
    n * (max(released_on) filter (where released_on <= current_date) - min(released_on) filter (where released_on > current_date - 600) + 7) as days
from raw.albums, generate_series(1, 9) as n
group by n;

insert into raw.albums (
    album_id, name, album_type, artist_ids, total_tracks, release_date, release_date_precision, released_on, label,
    popularity, upc, market_set_id, json, run_id, extracted_at, withheld_fields
)
select
    album_id || suffix,
    name,
    album_type,
    array(select artist_id || suffix from unnest(artist_ids) as artist_id),
    total_tracks,
    (released_on - days)::text,
    'day',
    released_on - days,
    label,
    popularity,
    upc,
    market_set_id,
    '{}',
    run_id,
    extracted_at - make_interval(days => days),
    withheld_fields
from raw.albums, earlier
where release_date_precision = 'day';

insert into raw.album_tracks (
    album_id, track_id, disc_number, track_number, name, duration_ms, explicit, artist_ids, market_set_id, json, run_id,
    extracted_at
)
select
    album_id || suffix,
    track_id || suffix,
    disc_number,
    track_number,
    name,
    duration_ms,
    explicit,
    array(select artist_id || suffix from unnest(artist_ids) as artist_id),
    market_set_id,
    '{}',
    run_id,
    extracted_at - make_interval(days => days)
from raw.album_tracks, earlier;

insert into raw.track_details (
    track_id, album_id, name, duration_ms, explicit, popularity, isrc, artist_ids, market_set_id, json, run_id,
    extracted_at, source, withheld_fields
)
select
    track_id || suffix,
    album_id || suffix,
    name,
    duration_ms,
    explicit,
    popularity,
    isrc,
    array(select artist_id || suffix from unnest(artist_ids) as artist_id),
    market_set_id,
    '{}',
    run_id,
    extracted_at - make_interval(days => days),
    source,
    withheld_fields
from raw.track_details, earlier;

insert into raw.audio_features (
    track_id, source, danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness, liveness,
    valence, tempo, duration_ms, time_signature, missing_reason, attempts, json, run_id, extracted_at
)
select
    track_id || suffix,
    source,
    danceability,
    energy,
    key,
    loudness,
    mode,
    speechiness,
    acousticness,
    instrumentalness,
    liveness,
    valence,
    tempo,
    duration_ms,
    time_signature,
    missing_reason,
    attempts,
    '{}',
    run_id,
    extracted_at - make_interval(days => days)
from raw.audio_features, earlier;

insert into raw.artists (artist_id, name, run_id, extracted_at)
select artist_id || suffix, name, run_id, extracted_at - make_interval(days => days)
from raw.artists, earlier;

insert into raw.track_popularity (track_id, observed_on, popularity, run_id, extracted_at)
select track_id || suffix, observed_on - days, popularity, run_id, extracted_at - make_interval(days => days)
from raw.track_popularity, earlier;
