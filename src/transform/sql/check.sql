{#- dbt's way to judge: one expression over the rows of the test's own select, held against two thresholds. -#}
select
    coalesce({{ fail_calc }}, 0)::bigint as failing_rows,
    coalesce({{ fail_calc }} {{ warn_if }}, false) as warns,
    coalesce({{ fail_calc }} {{ error_if }}, false) as fails
from (
{{ body }}
{%- if limit is not none %}
limit {{ limit }}
{%- endif %}
) as dbt_internal_test
