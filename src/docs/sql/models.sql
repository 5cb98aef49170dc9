select
    published.model,
    published.published_at,
    case
        when published.materialization = 'view' then 'view'
        when published.is_built_in_full then 'full'
        else 'incremental'
    end as how,
    report.why,
    published.rows,
    published.inserted,
    published.deleted,
    published.seconds,
    published.run_id,
    published.fingerprint
from ops.published_models as published
left join lateral (
    select models.model ->> 'why' as why
    from ops.run_steps as steps
    cross join lateral jsonb_array_elements(steps.detail -> 'models') as models (model)
    where
        steps.run_id = published.run_id
        and steps.step = 'transform'
        and models.model ->> 'name' = published.model
    limit 1
) as report on true
