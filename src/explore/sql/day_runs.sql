-- Checks and models of a run are those that the latest making of them left.
select
    runs.run_id,
    runs.status,
    runs.brought_data,
    runs.started_at,
    runs.finished_at,
    runs.not_before,
    runs.error,
    (
        select count(*) from ops.album_ledger as ledger
        where ledger.loaded_run_id = runs.run_id
    ) as albums,
    api_calls.calls,
    api_calls.rate_limited,
    api_calls.retries,
    api_calls.failed_calls,
    checks.checks,
    checks.checks_failed,
    checks.checks_warned,
    models.published_at,
    models.models_published,
    coalesce(steps.stages, '[]') as stages
from ops.run_states as runs
cross join
    lateral (
        select
            coalesce(sum(calls.calls), 0)::bigint as calls,
            coalesce(sum(calls.rate_limited), 0)::bigint as rate_limited,
            coalesce(sum(calls.retries), 0)::bigint as retries,
            coalesce(sum(calls.failed), 0)::bigint as failed_calls
        from ops.api_calls as calls
        where calls.run_id = runs.run_id and calls.endpoint like '/%' and calls.endpoint <> '/api/token'
    ) as api_calls
cross join
    lateral (
        select
            count(*) as checks,
            coalesce(
                array_agg(results.check_name order by results.check_name)
                filter (where results.status = 'failed'),
                '{}'
            ) as checks_failed,
            coalesce(
                array_agg(results.check_name order by results.check_name)
                filter (where results.status = 'warned'),
                '{}'
            ) as checks_warned
        from ops.check_results as results
        where results.run_id = runs.run_id
    ) as checks
cross join
    lateral (
        select
            max(published.published_at) as published_at,
            coalesce(array_agg(published.model order by published.model), '{}') as models_published
        from ops.published_models as published
        where published.run_id = runs.run_id
    ) as models
cross join
    lateral (
        select
            jsonb_agg(
                jsonb_build_object(
                    'step', stages.step,
                    'status', stages.status,
                    'seconds', extract(epoch from stages.finished_at - stages.started_at),
                    'rows', stages.rows,
                    'calls', stages.calls,
                    'error', stages.error
                )
                order by stages.started_at, stages.finished_at
            ) as stages
        from ops.run_steps as stages
        where stages.run_id = runs.run_id
    ) as steps
where
    runs.started_at >= $1::timestamp at time zone 'utc'
    and runs.started_at < ($1 + 1)::timestamp at time zone 'utc'
order by runs.started_at, runs.run_id
