-- A field that vanishes is forgotten, so that it is told of once and has appeared when it is back. Nothing is told of
-- before twenty objects have been met: what fewer of them had, or did not have, may be chance.
with seen as (
    select
        endpoint,
        object,
        field,
        objects,
        is_always_there
    from unnest($2::text [], $3::text [], $4::text [], $5::bigint [], $6::boolean [])
    as seen (endpoint, object, field, objects, is_always_there)
),

known as (
    select
        endpoint,
        object,
        field,
        objects,
        is_always_there
    from ops.api_fields
    where (endpoint, object) in (select endpoint, object from seen)
),

kinds as (
    select
        endpoint,
        object,
        -- some field is in all of them, such as the id
        max(objects) >= 20 as is_well_known
    from known
    group by endpoint, object
),

appeared as (
    select
        endpoint,
        object,
        field
    from seen
    where
        (endpoint, object) in (select endpoint, object from kinds where is_well_known)
        and (endpoint, object, field) not in (select endpoint, object, field from known)
),

missed as (
    select
        endpoint,
        object,
        field,
        is_always_there and objects >= 20 as has_vanished
    from known
    where (endpoint, object, field) not in (select endpoint, object, field from seen)
),

forgotten as (
    delete from ops.api_fields
    where (endpoint, object, field) in (select endpoint, object, field from missed where has_vanished)
),

optional as (
    update ops.api_fields
    set is_always_there = false
    where (endpoint, object, field) in (select endpoint, object, field from missed where not has_vanished)
),

remembered as (
    insert into ops.api_fields (endpoint, object, field, first_seen_at, last_seen_at, objects, is_always_there)
    select
        endpoint,
        object,
        field,
        now(),
        now(),
        objects,
        -- what the few objects of earlier runs did not have is optional
        is_always_there
        and (
            (endpoint, object) not in (select endpoint, object from kinds where not is_well_known)
            or (endpoint, object, field) in (select endpoint, object, field from known)
        )
    from seen
    on conflict (endpoint, object, field) do update
    set
        last_seen_at = excluded.last_seen_at,
        objects = ops.api_fields.objects + excluded.objects,
        is_always_there = ops.api_fields.is_always_there and excluded.is_always_there
)

insert into ops.api_drift (run_id, endpoint, object, field, change)
select
    $1,
    endpoint,
    object,
    field,
    'appeared'
from appeared
union all
select
    $1,
    endpoint,
    object,
    field,
    'vanished'
from missed
where has_vanished
order by 2, 3, 5, 4
returning endpoint, object, field, change
