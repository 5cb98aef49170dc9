{{ config(
    materialized='table',
    unique_key='last_week',
    indexes=[{'columns': ['last_week'], 'unique': true}]
) }}

with

calendar as (
    select * from {{ ref('release_calendar') }}
),

newest as (
    select max((updated_at at time zone 'utc')::date) as updated_on
    from calendar
),

-- Albums are listed before they come out, and now and then one bears a date of a far year.
latest as (
    select
        date_trunc('week', coalesce(
            max(calendar.release_date) filter (where calendar.release_date <= newest.updated_on),
            max(calendar.release_date)
        )::timestamp)::date as release_week
    from calendar
    cross join newest
),

final as (
    select
        release_week - 7 * ({{ var('new_release_weeks') }} - 1) as first_week,
        release_week as last_week
    from latest
)

select * from final
