-- A field that vanishes is forgotten, so that it is told of once and has appeared when it is back.
with seen as (
    select
        endpoint,
        object,
        field,
        is_always_there
    from unnest($2::text [], $3::text [], $4::text [], $5::boolean []) as seen (endpoint, object, field, is_always_there)
),

known as (
    select
        endpoint,
        object,
        field,
        is_always_there
    from ops.api_fields
    where (endpoint, object) in (select endpoint, object from seen)
),

appeared as (
    select
        endpoint,
        object,
        field
    from seen
    where
        (endpoint, object) in (select endpoint, object from known)
        and (endpoint, object, field) not in (select endpoint, object, field from known)
),

vanished as (
    select
        endpoint,
        object,
        field
    from known
    where
        is_always_there
        and (endpoint, object, field) not in (select endpoint, object, field from seen)
),

forgotten as (
    delete from ops.api_fields
    where (endpoint, object, field) in (select endpoint, object, field from vanished)
),

remembered as (
    insert into ops.api_fields (endpoint, object, field, first_seen_at, last_seen_at, is_always_there)
    select
        endpoint,
        object,
        field,
        now(),
        now(),
        is_always_there
    from seen
    on conflict (endpoint, object, field) do update
    set
        last_seen_at = excluded.last_seen_at,
        is_always_there = excluded.is_always_there
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
from vanished
order by 2, 3, 5, 4
returning endpoint, object, field, change
