insert into ops.published_models (
    model, relation, materialization, fingerprint, lineage, is_built_in_full, rows, inserted, deleted, seconds, run_id,
    published_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())
on conflict (model) do update
set
    relation = excluded.relation,
    materialization = excluded.materialization,
    fingerprint = excluded.fingerprint,
    lineage = excluded.lineage,
    is_built_in_full = excluded.is_built_in_full,
    rows = excluded.rows,
    inserted = excluded.inserted,
    deleted = excluded.deleted,
    seconds = excluded.seconds,
    run_id = excluded.run_id,
    published_at = excluded.published_at
