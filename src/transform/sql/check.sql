{#- dbt's way to count: each row of the test's own select is one failure. -#}
select count(*)
from (
{% include kind ~ ".sql" %}
) as bad_rows
