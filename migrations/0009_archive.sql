-- The archive: which runs' raw rows are kept in files, and what was rebuilt from them or from the JSON.

create table ops.archives (
    run_id uuid not null references ops.runs,
    archive text not null,
    files integer not null,
    rows bigint not null,
    bytes bigint not null,
    archived_at timestamptz not null default now(),
    primary key (run_id, archive)
);
comment on table ops.archives is
'Runs whose raw rows are kept in an archive. A run that is in none is archived by the next. Key: run_id, archive';
comment on column ops.archives.run_id is 'The run whose rows they are';
comment on column ops.archives.archive is 'Where the archive is';
comment on column ops.archives.files is 'Parquet files, one for each table of which there were rows';
comment on column ops.archives.rows is 'Rows in them';
comment on column ops.archives.bytes is 'Their size';
comment on column ops.archives.archived_at is 'When the manifest was written';

create table ops.replays (
    replay_id uuid primary key,
    source text not null check (source in ('archive', 'json')),
    archive text,
    runs bigint not null,
    rows bigint not null,
    version text not null,
    replayed_at timestamptz not null default now()
);
comment on table ops.replays is
'One row per time that the raw tables were rebuilt without a call. Key: replay_id (a UUIDv7, so it sorts by time)';
comment on column ops.replays.replay_id is 'Key';
comment on column ops.replays.source is 'archive; json, which is the JSON that is kept in the raw tables';
comment on column ops.replays.archive is 'Where the archive is; null when it was not asked';
comment on column ops.replays.runs is 'Runs whose rows were loaded; of json 0';
comment on column ops.replays.rows is 'Rows that were loaded; of json those that changed';
comment on column ops.replays.version is 'Version of firstpress';
comment on column ops.replays.replayed_at is 'When the rebuilt tables were committed';

-- A run's rows lie together, since they came together: these indexes weigh next to nothing.
create index albums_run_id on raw.albums using brin (run_id) with (autosummarize = on);
create index album_tracks_run_id on raw.album_tracks using brin (run_id) with (autosummarize = on);
create index track_details_run_id on raw.track_details using brin (run_id) with (autosummarize = on);
create index audio_features_run_id on raw.audio_features using brin (run_id) with (autosummarize = on);
create index artists_run_id on raw.artists using brin (run_id) with (autosummarize = on);
create index track_popularity_run_id on raw.track_popularity using brin (run_id) with (autosummarize = on);
