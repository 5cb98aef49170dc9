-- What Spotify said, typed, with its own JSON beside it. One row is one answer about one thing.
-- available_markets (some 185 codes on every object) is cut out of the JSON and stored once a distinct set.

create schema raw;

create table raw.market_sets (
    market_set_id bigint primary key,
    markets text not null
);
comment on table raw.market_sets is
'Distinct sets of available_markets. Key: market_set_id, the first 64 bits of the SHA-256 of markets';
comment on column raw.market_sets.market_set_id is 'Key; the same set has the same id in every database';
comment on column raw.market_sets.markets is 'ISO 3166-1 alpha-2 codes, sorted, separated by a space; empty when Spotify sent an empty list';

create table raw.albums (
    album_id text primary key,
    name text,
    album_type text,
    artist_ids text[] not null,
    total_tracks integer,
    release_date text,
    release_date_precision text,
    released_on date,
    label text,
    popularity integer,
    upc text,
    market_set_id bigint,
    json text not null,
    run_id uuid not null,
    extracted_at timestamptz not null
);
comment on table raw.albums is 'One row per album whose tracks, details and audio-features answers are all stored. Key: album_id';
comment on column raw.albums.album_id is 'Spotify id';
comment on column raw.albums.name is 'Name; empty after a takedown';
comment on column raw.albums.album_type is 'album, single or compilation, as the album itself says it';
comment on column raw.albums.total_tracks is 'Number of tracks that Spotify states';
comment on column raw.albums.release_date_precision is 'day, month or year';
comment on column raw.albums.label is 'Record label; null where Spotify withholds it';
comment on column raw.albums.upc is 'Universal Product Code, as text';
comment on column raw.albums.run_id is 'The run in ops.runs that stored the row';
comment on column raw.albums.extracted_at is 'When Spotify''s answer was stored (UTC)';
comment on column raw.albums.artist_ids is 'Album artists in Spotify''s order; the first is the main artist';
comment on column raw.albums.release_date is 'As Spotify sent it: YYYY, YYYY-MM, YYYY-MM-DD, 0000 or null';
comment on column raw.albums.released_on is 'First day of the period that release_date names; null when that is not a date';
comment on column raw.albums.popularity is 'Spotify''s popularity of the album, 0 to 100, when it was extracted; null where Spotify withholds it';
comment on column raw.albums.market_set_id is 'available_markets; null when Spotify did not send the field';
comment on column raw.albums.json is 'The album object without tracks and available_markets. Cast to jsonb to look inside';

create index albums_released_on on raw.albums (released_on);

create table raw.album_tracks (
    album_id text not null,
    track_id text not null,
    disc_number integer,
    track_number integer,
    name text,
    duration_ms integer,
    explicit boolean,
    artist_ids text[] not null,
    market_set_id bigint,
    json text not null,
    run_id uuid not null,
    extracted_at timestamptz not null,
    primary key (album_id, track_id)
);
comment on table raw.album_tracks is 'One row per track on an album. Key: album_id, track_id';
comment on column raw.album_tracks.album_id is 'Spotify id of the album';
comment on column raw.album_tracks.track_id is 'Spotify id of the track';
comment on column raw.album_tracks.disc_number is 'Disc, from 1';
comment on column raw.album_tracks.track_number is 'Place on the disc, from 1';
comment on column raw.album_tracks.name is 'Name; empty after a takedown';
comment on column raw.album_tracks.duration_ms is 'Duration in milliseconds';
comment on column raw.album_tracks.explicit is 'Explicit lyrics; false also when unknown';
comment on column raw.album_tracks.artist_ids is 'Artists of the track in Spotify''s order; the first is the main artist';
comment on column raw.album_tracks.market_set_id is 'available_markets; null when Spotify did not send the field';
comment on column raw.album_tracks.run_id is 'The run in ops.runs that stored the row';
comment on column raw.album_tracks.extracted_at is 'When Spotify''s answer was stored (UTC)';
comment on column raw.album_tracks.json is 'The simplified track object without available_markets';
create index album_tracks_track_id on raw.album_tracks (track_id);

create table raw.track_details (
    track_id text primary key,
    album_id text,
    name text,
    duration_ms integer,
    explicit boolean,
    popularity integer,
    isrc text,
    artist_ids text[] not null,
    market_set_id bigint,
    json text not null,
    run_id uuid not null,
    extracted_at timestamptz not null
);
comment on table raw.track_details is 'One row per track. Key: track_id';
comment on column raw.track_details.track_id is 'Spotify id that was asked for';
comment on column raw.track_details.name is 'Name; empty after a takedown';
comment on column raw.track_details.duration_ms is 'Duration in milliseconds';
comment on column raw.track_details.explicit is 'Explicit lyrics; false also when unknown';
comment on column raw.track_details.isrc is 'International Standard Recording Code; null where Spotify has none';
comment on column raw.track_details.artist_ids is 'Artists of the track in Spotify''s order; the first is the main artist';
comment on column raw.track_details.market_set_id is 'available_markets; null when Spotify did not send the field';
comment on column raw.track_details.run_id is 'The run in ops.runs that stored the row';
comment on column raw.track_details.extracted_at is 'When Spotify''s answer was stored (UTC)';
comment on column raw.track_details.album_id is 'The album that Spotify files the track under, which can be another than the one it was found on';
comment on column raw.track_details.popularity is 'Popularity, 0 to 100, at extracted_at; every reading is in raw.track_popularity';
comment on column raw.track_details.json is 'The track object without any available_markets';

create table raw.audio_features (
    track_id text primary key,
    source text,
    danceability double precision,
    energy double precision,
    key integer,
    loudness double precision,
    mode integer,
    speechiness double precision,
    acousticness double precision,
    instrumentalness double precision,
    liveness double precision,
    valence double precision,
    tempo double precision,
    duration_ms integer,
    time_signature integer,
    missing_reason text,
    attempts integer not null,
    retry_at timestamptz,
    json text,
    run_id uuid not null,
    extracted_at timestamptz not null,
    constraint features_or_reason check ((source is null) = (missing_reason is not null))
);
comment on table raw.audio_features is 'The answer about a track''s audio features: the features, or why there are none yet. Key: track_id';
comment on column raw.audio_features.track_id is 'Spotify id of the track';
comment on column raw.audio_features.danceability is '0 to 1';
comment on column raw.audio_features.energy is '0 to 1';
comment on column raw.audio_features.mode is '1 = major, 0 = minor';
comment on column raw.audio_features.speechiness is '0 to 1';
comment on column raw.audio_features.acousticness is '0 to 1';
comment on column raw.audio_features.instrumentalness is '0 to 1';
comment on column raw.audio_features.liveness is '0 to 1';
comment on column raw.audio_features.valence is '0 (sad) to 1 (cheerful)';
comment on column raw.audio_features.duration_ms is 'Duration in milliseconds, as the analysis found it';
comment on column raw.audio_features.time_signature is 'Beats in a bar; 0 and 1 occur';
comment on column raw.audio_features.json is 'The audio features object as Spotify sent it; null while there are none';
comment on column raw.audio_features.run_id is 'The run in ops.runs that stored the row';
comment on column raw.audio_features.extracted_at is 'When Spotify''s answer was stored (UTC)';
comment on column raw.audio_features.source is 'Who gave the features: spotify; null while there are none';
comment on column raw.audio_features.loudness is 'dB, about -60 to 0';
comment on column raw.audio_features.tempo is 'Beats per minute; 0 when none was detected';
comment on column raw.audio_features.key is 'Pitch class, 0 = C; -1 when none was detected';
comment on column raw.audio_features.missing_reason is 'Why there are no features; null when there are';
comment on column raw.audio_features.attempts is 'How many times a run has asked';
comment on column raw.audio_features.retry_at is 'From when the next run asks again; null when it will not';
create index audio_features_retry_at on raw.audio_features (retry_at) where retry_at is not null;

create table raw.artists (
    artist_id text primary key,
    name text,
    run_id uuid not null,
    extracted_at timestamptz not null
);
comment on table raw.artists is 'One row per artist named on an album or track, as named there. Key: artist_id';
comment on column raw.artists.artist_id is 'Spotify id';
comment on column raw.artists.name is 'Name, as albums and tracks last gave it';
comment on column raw.artists.run_id is 'The run in ops.runs that stored the row';
comment on column raw.artists.extracted_at is 'When Spotify''s answer was stored (UTC)';

create table raw.track_popularity (
    track_id text not null,
    observed_on date not null,
    popularity integer not null,
    run_id uuid not null,
    extracted_at timestamptz not null,
    primary key (track_id, observed_on)
);
comment on table raw.track_popularity is 'One popularity reading per track and UTC day, 0 to 100. Key: track_id, observed_on';
comment on column raw.track_popularity.track_id is 'Spotify id of the track';
comment on column raw.track_popularity.observed_on is 'UTC day of the reading';
comment on column raw.track_popularity.popularity is 'Popularity that day, 0 to 100';
comment on column raw.track_popularity.run_id is 'The run in ops.runs that stored the row';
comment on column raw.track_popularity.extracted_at is 'When Spotify''s answer was stored (UTC)';

create table raw.release_sightings (
    run_id uuid not null,
    album_id text not null,
    position integer not null,
    name text,
    album_type text,
    release_date text,
    extracted_at timestamptz not null,
    primary key (run_id, album_id)
);
comment on table raw.release_sightings is 'One row per album seen in a run''s list of new releases. Key: run_id, album_id';
comment on column raw.release_sightings.run_id is 'The run in ops.runs that saw the list';
comment on column raw.release_sightings.album_id is 'Spotify id of the album';
comment on column raw.release_sightings.name is 'Name in the list';
comment on column raw.release_sightings.release_date is 'As the list says it: YYYY, YYYY-MM, YYYY-MM-DD, 0000 or null';
comment on column raw.release_sightings.extracted_at is 'When the list was read (UTC)';
comment on column raw.release_sightings.position is 'Place in the list, from 1';
comment on column raw.release_sightings.album_type is 'As the list says it, where ep occurs; the album object itself says single';

create table raw.quarantine (
    item_type text not null,
    item_id text not null,
    reason text not null,
    attempts integer not null,
    retry_at timestamptz,
    json text,
    run_id uuid not null,
    extracted_at timestamptz not null,
    primary key (item_type, item_id)
);
comment on table raw.quarantine is 'Items that could not be used, with the reason. Key: item_type, item_id';
comment on column raw.quarantine.reason is 'Why the item could not be used';
comment on column raw.quarantine.attempts is 'How many times it was met';
comment on column raw.quarantine.json is 'The item as Spotify sent it; null where there was no answer about it';
comment on column raw.quarantine.run_id is 'The run in ops.runs that met it last';
comment on column raw.quarantine.extracted_at is 'When it was met last (UTC)';
comment on column raw.quarantine.item_type is 'album, album_track, track or audio_features';
comment on column raw.quarantine.item_id is 'Spotify''s id; where the item has none, a digest of its JSON';
comment on column raw.quarantine.retry_at is 'From when the next run tries again; null when it will not';
