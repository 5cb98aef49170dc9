-- Apps of every kind: what Spotify lets an app do, the calls of the last 24 hours, and what an answer left out.

alter table ops.capabilities
add column client_id text,
add column is_inferred boolean not null default false;
comment on column ops.capabilities.client_id is 'The app that it was learned of; another app is asked anew';
comment on column ops.capabilities.is_inferred is 'Not asked, but known from the answer of another endpoint that is closed to the same apps';

create table ops.spotify_apps (
    client_id text primary key,
    is_development_mode boolean not null,
    reason text,
    calls_per_second double precision,
    learned_at timestamptz not null default now()
);
comment on table ops.spotify_apps is 'What firstpress has learned of a Spotify app. Key: client_id';
comment on column ops.spotify_apps.client_id is 'The app';
comment on column ops.spotify_apps.is_development_mode is 'Whether its calls are counted against a quota of a day';
comment on column ops.spotify_apps.reason is 'What showed that it is in development mode; null when it is not';
comment on column ops.spotify_apps.calls_per_second is 'Pace that Spotify''s 429s have left; null when it is the one that the settings allow';
comment on column ops.spotify_apps.learned_at is 'When a run last wrote the row';

create table ops.calls_by_minute (
    minute timestamptz primary key,
    calls bigint not null
);
comment on table ops.calls_by_minute is
'Web API calls of all runs, entered before they are made: the day''s budget is what they leave of it in any 24 hours. Key: minute';
comment on column ops.calls_by_minute.minute is 'Start of the minute (UTC)';
comment on column ops.calls_by_minute.calls is 'Calls entered in it, without token requests';

alter table ops.album_ledger add column total_tracks integer;
comment on column ops.album_ledger.total_tracks is 'Number of tracks that the list stated when it first showed the album';

alter table raw.albums add column withheld_fields text [] not null default '{}';
comment on column raw.albums.withheld_fields is
'Fields that Spotify''s object did not have at all, so that their columns are null for that reason and no other';

alter table raw.track_details
add column source text not null default 'track' check (source in ('track', 'album')),
add column withheld_fields text [] not null default '{}';
comment on column raw.track_details.source is
'track: the answer about the track; album: the album''s list of tracks, which has no ISRC and no popularity';
comment on column raw.track_details.withheld_fields is
'Fields that Spotify''s object did not have at all, so that their columns are null for that reason and no other';
create index track_details_from_album on raw.track_details (extracted_at) where source = 'album';

comment on column raw.audio_features.source is 'Who gave the features: spotify or reccobeats; null while there are none';
comment on column raw.audio_features.attempts is 'How many times somebody was asked; 0 when AUDIO_FEATURES was off';
comment on column raw.audio_features.json is 'The audio features object as it was sent; null while there are none';

alter table raw.quarantine
add column endpoint text,
add column dropped_at timestamptz;
comment on column raw.quarantine.endpoint is 'Endpoint whose answer could not be used; null for items met before the column was there';
comment on column raw.quarantine.dropped_at is 'When somebody decided that the item is not to be tried again; null otherwise';

create table ops.api_fields (
    endpoint text not null,
    object text not null,
    field text not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    is_always_there boolean not null,
    primary key (endpoint, object, field)
);
comment on table ops.api_fields is 'Fields that the API''s objects have been seen with. Key: endpoint, object, field';
comment on column ops.api_fields.endpoint is 'Endpoint, as a path below the API''s base';
comment on column ops.api_fields.object is 'Kind of object in its answers';
comment on column ops.api_fields.field is 'Name of the field';
comment on column ops.api_fields.first_seen_at is 'When a run first met it (UTC)';
comment on column ops.api_fields.last_seen_at is 'When a run last met it (UTC)';
comment on column ops.api_fields.is_always_there is 'Whether every object had it in the last run that met the kind of object';

create table ops.api_drift (
    run_id uuid not null references ops.runs,
    endpoint text not null,
    object text not null,
    field text not null,
    change text not null check (change in ('appeared', 'vanished')),
    primary key (run_id, endpoint, object, field)
);
comment on table ops.api_drift is 'Fields that appeared in or vanished from the API, by the run that noticed. Key: run_id, endpoint, object, field';
comment on column ops.api_drift.run_id is 'The run that noticed';
comment on column ops.api_drift.endpoint is 'Endpoint, as a path below the API''s base';
comment on column ops.api_drift.object is 'Kind of object in its answers';
comment on column ops.api_drift.field is 'Name of the field';
comment on column ops.api_drift.change is
'appeared: never seen before; vanished: every object had it in an earlier run, and none has it now';
