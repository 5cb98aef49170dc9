-- Incremental models do not see that rows have gone: whoever transforms next, be it a run, builds them from the start.
with unpublished as (
    update ops.published
    set fingerprint = null
    where fingerprint is not null
)

update ops.published_models
set lineage = ''
where lineage <> ''
