create temporary table if not exists day as select now() as comes_at;
update day set comes_at = now() - make_interval(days => $2 - $1);

create temporary table if not exists fresh (album_id text, release_date text, precision_ text);
truncate fresh;
insert into fresh
select
    'album-' || $1 || '-' || n,
    case
        when kind < 0.1 then '2026'
        when kind < 0.2 then '2026-01'
        when kind < 0.25 then null
        -- around New Year, and old ones that are issued again
        else (date '2025-12-20' + (random() * 25)::integer - case when kind > 0.9 then 3000 else 0 end)::text
    end,
    case when kind < 0.1 then 'year' when kind < 0.2 then 'month' else 'day' end
from (select n, random() as kind from generate_series(1, 3 + (random() * 5)::integer) as n) as numbered;

insert into raw.albums (
    album_id, name, album_type, artist_ids, total_tracks, release_date, release_date_precision, released_on, label,
    popularity, json, run_id, extracted_at
)
select
    album_id,
    'Name of ' || album_id,
    (array['album', 'single', 'compilation'])[1 + (random() * 2)::integer],
    array['artist-' || (random() * 12)::integer, 'artist-' || (random() * 12)::integer],
    3,
    release_date,
    precision_,
    case length(release_date) when 4 then release_date || '-01-01' when 7 then release_date || '-01' else release_date end::date,
    nullf.label,
    (random() * 100)::integer,
    '{}',
    gen_random_uuid(),
    comes_at
from fresh, day, lateral (select case when random() < 0.2 then null else 'label-' || (random() * 4)::integer end as label) as nullf;

insert into raw.album_tracks (album_id, track_id, disc_number, track_number, name, duration_ms, explicit, artist_ids, json, run_id, extracted_at)
select
    album_id,
    'track-' || (random() * 60)::integer,
    1,
    n,
    'Track ' || n,
    100000 + (random() * 100000)::integer,
    random() < 0.2,
    array['artist-' || (random() * 12)::integer, 'artist-' || (random() * 12)::integer],
    '{}',
    gen_random_uuid(),
    comes_at
from fresh, day, generate_series(1, 5) as n
where random() < 0.8
on conflict do nothing;

insert into raw.artists (artist_id, name, run_id, extracted_at)
select 'artist-' || n, 'Artist ' || n, gen_random_uuid(), comes_at
from day, generate_series(0, 12) as n
on conflict do nothing;
update raw.artists set name = name || '!', extracted_at = comes_at from day where random() < 0.1;

insert into raw.track_details (track_id, name, duration_ms, isrc, source, withheld_fields, artist_ids, json, run_id, extracted_at)
select distinct on (track_id)
    track_id,
    'Details of ' || track_id,
    duration_ms,
    case when chance < 0.6 then 'ISRC' || track_id end,
    case when chance < 0.6 then 'track' else 'album' end,
    case when chance < 0.6 then '{}'::text[] else '{external_ids,popularity}' end,
    artist_ids,
    '{}',
    gen_random_uuid(),
    comes_at
from raw.album_tracks, day, lateral (select random() + 0 * length(track_id) as chance) as dice
where raw.album_tracks.extracted_at = comes_at
order by track_id
on conflict do nothing;
update raw.track_details set isrc = 'ISRC' || track_id, source = 'track', withheld_fields = '{}', extracted_at = comes_at
from day where source = 'album' and random() < 0.3;

insert into raw.audio_features (track_id, source, missing_reason, attempts, danceability, energy, loudness, speechiness, acousticness, instrumentalness, liveness, valence, tempo, key, mode, json, run_id, extracted_at)
select distinct
    track_id,
    null,
    'nobody has them yet',
    1,
    null::double precision, null::double precision, null::double precision, null::double precision, null::double precision,
    null::double precision, null::double precision, null::double precision, null::double precision, null::integer, null::integer,
    null,
    gen_random_uuid(),
    comes_at
from raw.album_tracks, day
where raw.album_tracks.extracted_at = comes_at
on conflict do nothing;
update raw.audio_features
set
    source = case when random() < 0.5 then 'spotify' else 'reccobeats' end,
    missing_reason = null,
    -- few values, so that there are ties
    danceability = round(random()::numeric, 1),
    energy = round(random()::numeric, 3),
    loudness = -round((random() * 60)::numeric, 2),
    speechiness = 0.5,
    acousticness = random(),
    instrumentalness = random(),
    liveness = random(),
    valence = random(),
    tempo = 60 + random() * 120,
    key = 5,
    mode = 1,
    json = '{}',
    extracted_at = comes_at
from day
where source is null and random() < 0.5;

insert into raw.track_popularity (track_id, observed_on, popularity, run_id, extracted_at)
select track_id, (comes_at at time zone 'utc')::date, (random() * 100)::integer, gen_random_uuid(), comes_at
from (select distinct track_id from raw.album_tracks) as tracks, day
where random() < 0.4
on conflict do nothing;

create temporary table if not exists list (run_id uuid);
truncate list;
insert into list select gen_random_uuid();
insert into raw.release_sightings (run_id, album_id, position, name, album_type, release_date, extracted_at)
select
    list.run_id,
    album_id,
    row_number() over (order by random()),
    name,
    case when random() < 0.1 then 'ep' else album_type end,
    release_date,
    comes_at
from raw.albums, list, day
where random() < 0.7
