{% from "shaped.sql" import shaped -%}
insert into {{ target }} (
    {%- for column in columns %}{{ column.name | identifier }}{{ ", " if not loop.last }}{% endfor -%}
)
select
    {{- shaped(columns, coming) }}
from {{ rows }}
{%- if changes %}
where ctid in (select come from {{ changes }} where come is not null)
{%- endif %}
