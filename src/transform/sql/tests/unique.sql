{% test unique(model, column_name) -%}
{#- Of several columns each is grouped by itself, which is quicker than a record of them. -#}
{%- set columns %}{{ column_name }}{% endset -%}
{%- set is_list = columns.startswith("(") and columns.endswith(")") and columns.count("(") == 1 -%}
{%- set key = columns[1:-1] if is_list else columns -%}
select {{ key if is_list else key ~ " as value" }}, count(*) as copies
from {{ model }}
where {{ column_name }} is not null
group by {{ key }}
having count(*) > 1
{%- endtest %}
