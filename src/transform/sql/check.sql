{#- dbt's way to judge: one expression over the rows of the test's own select, held against two thresholds. -#}
with bad_rows as materialized (
{{ body }}
{%- if limit is not none %}
limit {{ limit }}
{%- endif %}
),

judged as (
    select
        coalesce({{ fail_calc }}, 0)::bigint as failing_rows,
        coalesce({{ fail_calc }} {{ warn_if }}, false) as warns,
        coalesce({{ fail_calc }} {{ error_if }}, false) as fails
    from bad_rows
)

select
    failing_rows,
    warns,
    fails,
    (
        select coalesce(jsonb_agg(to_jsonb(first_row)), '[]')
        from (select * from bad_rows limit {{ kept }}) as first_row
    ) as first_rows
from judged
