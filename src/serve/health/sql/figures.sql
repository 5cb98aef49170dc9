-- Each figure is a row; src/serve/health/pipeline.rs lists them.
with

last_run as (
    select
        run_id,
        status,
        started_at,
        finished_at
    from ops.run_states
    where status <> 'running'
    order by started_at desc
    limit 1
),

figures as (
    select
        'last_success_timestamp_seconds' as name,
        null::text as label,
        extract(epoch from max(finished_at)) as value
    from ops.runs
    where status = 'succeeded'
    union all
    select
        'last_data_timestamp_seconds',
        null,
        extract(epoch from max(finished_at))
    from ops.run_states
    where brought_data
    union all
    select
        'last_run_timestamp_seconds',
        null,
        extract(epoch from started_at)
    from last_run
    union all
    select
        'last_run_status',
        possible.status,
        case when rtrim(last_run.status, '?') = possible.status then 1 else 0 end
    from last_run
    cross join unnest(array['succeeded', 'failed', 'interrupted', 'postponed', 'died']) as possible (status)
    union all
    select
        'last_run_duration_seconds',
        null,
        extract(epoch from finished_at - started_at)
    from last_run
    union all
    select
        'last_run_albums',
        null,
        (select count(*) from ops.album_ledger as ledger where ledger.loaded_run_id = last_run.run_id)
    from last_run
    union all
    select
        'last_run_stage_rows',
        steps.step,
        steps.rows
    from ops.run_steps as steps
    inner join last_run on steps.run_id = last_run.run_id
    union all
    select
        'last_run_stage_duration_seconds',
        steps.step,
        extract(epoch from steps.finished_at - steps.started_at)
    from ops.run_steps as steps
    inner join last_run on steps.run_id = last_run.run_id
    union all
    select
        'last_run_calls',
        calls.endpoint,
        calls.calls
    from ops.api_calls as calls
    inner join last_run on calls.run_id = last_run.run_id
    union all
    select
        'last_run_rate_limited',
        calls.endpoint,
        calls.rate_limited
    from ops.api_calls as calls
    inner join last_run on calls.run_id = last_run.run_id
    union all
    select
        'last_run_' || possible.status || '_checks',
        null,
        (
            select count(*)
            from ops.check_results as results
            where results.run_id = last_run.run_id and results.status = possible.status
        )
    from last_run
    cross join unnest(array['failed', 'warned']) as possible (status)
    union all
    select
        'run_in_progress',
        null,
        case when exists (select 1 from ops.run_states where is_at_work) then 1 else 0 end
    union all
    select
        waiting.key,
        null,
        waiting.value::numeric
    from ops.backlog as backlog
    cross join lateral jsonb_each_text(to_jsonb(backlog) - 'quarantined') as waiting
    union all
    select
        'quarantined_items',
        kinds.item_type,
        coalesce(sum(reasons.items), 0)
    from unnest(array['album', 'album_track', 'track', 'audio_features']) as kinds (item_type)
    left join ops.quarantine_reasons as reasons on kinds.item_type = reasons.item_type
    group by kinds.item_type
    union all
    select
        'published_timestamp_seconds',
        null,
        extract(epoch from published_at)
    from ops.published
)

select
    name,
    label,
    value::double precision as value
from figures
where value is not null
