-- A day on which everything changes that can change in the raw tables, each for some albums or tracks alone, so that
-- nothing is found by another change: run it after models were built, build again incrementally, and compare with a
-- full build.

begin;

-- Popularity is read again.
insert into raw.track_popularity (track_id, observed_on, popularity, run_id, extracted_at)
select
    track_id,
    current_date,
    (popularity * 7 + length(name) * 13) % 101,
    run_id,
    now()
from raw.track_details
where popularity is not null and abs(hashtext(track_id)) % 50 = 0;

-- Audio features arrive weeks late, those of ReccoBeats among them.
update raw.audio_features
set
    source = 'reccobeats',
    missing_reason = null,
    danceability = 0.5,
    energy = 0.25,
    valence = 0.75,
    tempo = 120,
    extracted_at = now()
where source is null and abs(hashtext(track_id)) % 50 between 1 and 25;

-- ISRCs arrive, and a duration is corrected.
update raw.track_details
set isrc = 'QZAAA2600001', duration_ms = duration_ms + 1000, source = 'track', extracted_at = now()
where abs(hashtext(track_id)) % 50 = 26;

-- Artists are renamed, those with the most tracks and those with one.
update raw.artists
set name = name || ' (renamed)', extracted_at = now()
where artist_id in (
    (select artist_ids[1] from raw.album_tracks group by 1 order by count(*) desc, 1 limit 3)
    union all
    (select artist_ids[1] from raw.album_tracks group by 1 having count(*) = 1 order by 1 limit 3)
);

-- The list is read again: other places, an EP, an album that is not stored.
insert into raw.release_sightings (run_id, album_id, position, name, album_type, release_date, extracted_at)
select
    uuid '00000000-0000-7000-8000-000000000001',
    album_id,
    row_number() over (order by album_id desc),
    name,
    case when position % 2 = 0 then 'ep' else album_type end,
    release_date,
    now()
from raw.release_sightings
where abs(hashtext(album_id)) % 20 = 0
union all
select '00000000-0000-7000-8000-000000000001', 'not_stored', 9999, null, 'album', '2026', now();

-- Albums come out again: earlier, so that all tracks of the first album find a new home and its week may be left
-- without any, of an unknown day, over New Year, and later. They bring an artist of their own, and one more.
create temporary table again on commit drop as
select
    album.album_id as first_id,
    edition.*
from (select album_id, released_on from raw.albums where release_date_precision = 'day' order by released_on, album_id limit 8)
    as album
cross join lateral (
    values
        ('earlier_' || album.album_id, (album.released_on - 14)::text, 'day', album.released_on - 14),
        ('year_' || album.album_id, '1999', 'year', date '1999-01-01'),
        ('new_year_' || album.album_id, '2021-01-01', 'day', date '2021-01-01'),
        ('later_' || album.album_id, (album.released_on + 14)::text, 'day', album.released_on + 14)
) as edition (album_id, release_date, release_date_precision, released_on)
where edition.release_date_precision = 'day' or album.album_id > 'K';

insert into raw.artists (artist_id, name, run_id, extracted_at)
select 'new_artist', 'New Artist', run_id, now()
from raw.artists
limit 1;

insert into raw.albums (
    album_id, name, album_type, artist_ids, total_tracks, release_date, release_date_precision, released_on,
    label, popularity, json, run_id, extracted_at, withheld_fields
)
select
    again.album_id,
    albums.name || ' (again)',
    albums.album_type,
    albums.artist_ids || array['new_artist', 'nameless_artist'],
    albums.total_tracks,
    again.release_date,
    again.release_date_precision,
    again.released_on,
    null,
    albums.popularity,
    '{}',
    albums.run_id,
    now(),
    '{label}'
from again
inner join raw.albums as albums on again.first_id = albums.album_id;

insert into raw.album_tracks (
    album_id, track_id, disc_number, track_number, name, duration_ms, explicit, artist_ids, json, run_id, extracted_at
)
select
    again.album_id,
    tracks.track_id,
    tracks.disc_number,
    tracks.track_number,
    tracks.name,
    tracks.duration_ms,
    tracks.explicit,
    tracks.artist_ids || array['new_artist'],
    '{}',
    tracks.run_id,
    now()
from again
inner join raw.album_tracks as tracks on again.first_id = tracks.album_id;

commit;
