-- What firstpress did: runs, their stages, calls, and what it has learned of the API.

create schema ops;

create table ops.runs (
    run_id uuid primary key,
    status text not null check (status in ('running', 'succeeded', 'failed', 'interrupted', 'postponed', 'died')),
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    version text not null,
    api_url text not null,
    not_before timestamptz,
    error text
);
comment on table ops.runs is 'One row per run. Key: run_id (a UUIDv7, so it sorts by time)';
comment on column ops.runs.run_id is 'Key';
comment on column ops.runs.started_at is 'When the run began';
comment on column ops.runs.finished_at is 'When it ended; null while it runs and when it died';
comment on column ops.runs.version is 'Version of firstpress';
comment on column ops.runs.api_url is 'The API it spoke to, or sandbox';
comment on column ops.runs.error is 'Why it did not succeed';
comment on column ops.runs.status is
'running; succeeded; failed; interrupted by a signal; postponed because Spotify asked for a long wait; died without a word';
comment on column ops.runs.not_before is 'Spotify asked not to be called before this time';

create table ops.run_steps (
    run_id uuid not null references ops.runs,
    step text not null,
    status text not null check (status in ('succeeded', 'failed')),
    started_at timestamptz not null,
    finished_at timestamptz not null,
    rows bigint not null,
    calls bigint not null,
    retries bigint not null,
    waited_seconds double precision not null,
    detail jsonb not null,
    error text,
    primary key (run_id, step)
);
comment on table ops.run_steps is 'One row per stage of a run. Key: run_id, step';
comment on column ops.run_steps.run_id is 'The run';
comment on column ops.run_steps.step is 'Name of the stage';
comment on column ops.run_steps.status is 'succeeded or failed';
comment on column ops.run_steps.started_at is 'When the stage began';
comment on column ops.run_steps.finished_at is 'When it ended';
comment on column ops.run_steps.rows is 'Rows, or albums, that it brought on';
comment on column ops.run_steps.calls is 'Web API calls made meanwhile';
comment on column ops.run_steps.retries is 'Calls that were repeats';
comment on column ops.run_steps.waited_seconds is 'Seconds that calls stood still because of Retry-After or a backoff';
comment on column ops.run_steps.error is 'Why it failed';
comment on column ops.run_steps.detail is 'The figures that are the stage''s own';

create table ops.api_calls (
    run_id uuid not null references ops.runs,
    endpoint text not null,
    calls bigint not null,
    bytes bigint not null,
    retries bigint not null,
    rate_limited bigint not null,
    failed bigint not null,
    waited_seconds double precision not null,
    primary key (run_id, endpoint)
);
comment on table ops.api_calls is 'Calls of a run to an endpoint. Key: run_id, endpoint';
comment on column ops.api_calls.run_id is 'The run';
comment on column ops.api_calls.endpoint is 'Endpoint, as a path below the API''s base';
comment on column ops.api_calls.retries is 'Requests that were repeats';
comment on column ops.api_calls.failed is 'Requests without a usable answer, but for 429';
comment on column ops.api_calls.calls is 'HTTP requests sent, every repeat included';
comment on column ops.api_calls.bytes is 'Body bytes after decompression';
comment on column ops.api_calls.rate_limited is 'Answers with status 429';
comment on column ops.api_calls.waited_seconds is 'Seconds that calls stood still because of Retry-After or a backoff';

create table ops.capabilities (
    endpoint text primary key,
    usable boolean not null,
    reason text,
    asked_at timestamptz not null
);
comment on table ops.capabilities is 'What Spotify lets this app call. Key: endpoint';
comment on column ops.capabilities.endpoint is 'Endpoint, as a path below the API''s base';
comment on column ops.capabilities.usable is 'Whether Spotify answers this app there';
comment on column ops.capabilities.reason is 'Why not';
comment on column ops.capabilities.asked_at is 'When a run last learned it';

create table ops.check_results (
    run_id uuid not null references ops.runs,
    check_name text not null,
    passed boolean not null,
    failing_rows bigint not null,
    primary key (run_id, check_name)
);
comment on table ops.check_results is 'One row per run and data check. Key: run_id, check_name';
comment on column ops.check_results.run_id is 'The run';
comment on column ops.check_results.check_name is 'The data test, with model and column';
comment on column ops.check_results.passed is 'Whether no row failed it';
comment on column ops.check_results.failing_rows is 'Rows that failed it';

create table ops.album_ledger (
    album_id text primary key,
    discovered_run_id uuid not null references ops.runs,
    discovered_at timestamptz not null default now(),
    loaded_run_id uuid references ops.runs,
    loaded_at timestamptz
);
comment on table ops.album_ledger is
'Every album ever discovered. An album is known when loaded_at is set, and that is set in the transaction that stores all of it. Key: album_id';
comment on column ops.album_ledger.album_id is 'Spotify id';
comment on column ops.album_ledger.discovered_run_id is 'The run that first saw it';
comment on column ops.album_ledger.discovered_at is 'When that was';
comment on column ops.album_ledger.loaded_run_id is 'The run that stored all of it';
comment on column ops.album_ledger.loaded_at is 'When that was; null while anything is missing';
create index album_ledger_pending on ops.album_ledger (discovered_at) where loaded_at is null;

create table ops.published (
    is_published boolean primary key default true check (is_published),
    fingerprint text,
    published_at timestamptz not null
);
comment on table ops.published is 'The models whose tables stand in the database: one row, or none before the first';
comment on column ops.published.is_published is 'Always true: it keeps the table to one row';
comment on column ops.published.published_at is 'When they were published';
comment on column ops.published.fingerprint is
'SHA-256 of the project''s files and of firstpress''s version; null when only some of its models were built last';
