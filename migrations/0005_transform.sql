-- The transform: models are built aside and published at once, and what stands is known model by model.

create schema aside;
comment on schema aside is 'Models under construction, emptied before and after every transform. Nothing here is for readers';

create table ops.published_models (
    model text primary key,
    relation text not null,
    materialization text not null,
    fingerprint text not null,
    lineage text not null,
    is_built_in_full boolean not null,
    rows bigint,
    inserted bigint not null,
    deleted bigint not null,
    seconds double precision not null,
    run_id uuid,
    published_at timestamptz not null
);
comment on table ops.published_models is 'What stands of each model, and how it was published last. Key: model';
comment on column ops.published_models.model is 'Name of the model';
comment on column ops.published_models.relation is 'Table or view, as written in SQL';
comment on column ops.published_models.materialization is 'view, table, incremental or seed';
comment on column ops.published_models.fingerprint is 'SHA-256 of the model''s SQL and configuration';
comment on column ops.published_models.lineage is
'SHA-256 of its fingerprint and of the lineages of the models that it reads, as they stood when it was built; empty when a table among them was not built with it';
comment on column ops.published_models.is_built_in_full is 'Whether it was built from the start and not from what had changed';
comment on column ops.published_models.rows is 'Rows of the table; null for a view';
comment on column ops.published_models.inserted is 'Rows that were new or had changed';
comment on column ops.published_models.deleted is 'Rows that were gone or had changed';
comment on column ops.published_models.seconds is 'Seconds that it took to build';
comment on column ops.published_models.run_id is 'The run that published it; null when firstpress transform did';
comment on column ops.published_models.published_at is 'When it was published last';

alter table ops.check_results
add column status text not null default 'passed' check (status in ('passed', 'warned', 'failed'));
update ops.check_results set status = 'failed' where not passed;
comment on column ops.check_results.status is
'passed; warned, which keeps nothing from being published; failed, so that nothing was published';

create table ops.check_failures (
    check_name text not null,
    row_number integer not null,
    failing_row jsonb not null,
    run_id uuid,
    found_at timestamptz not null default now(),
    primary key (check_name, row_number)
);
comment on table ops.check_failures is
'The first rows that a check found when it was last made; none once it passes. Key: check_name, row_number';
comment on column ops.check_failures.check_name is 'The data test, with model and column';
comment on column ops.check_failures.row_number is 'From 1';
comment on column ops.check_failures.failing_row is 'The row that the check found';
comment on column ops.check_failures.run_id is 'The run that found it; null when firstpress transform did';
comment on column ops.check_failures.found_at is 'When it was found';
