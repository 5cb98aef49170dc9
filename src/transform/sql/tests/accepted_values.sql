{% test accepted_values(model, column_name, values, quote=true) -%}
select distinct {{ column_name }} as value
from {{ model }}
where {{ column_name }} not in (
    {%- for value in values %}
    {%- if quote %}'{{ (value | string).replace("'", "''") }}'{% else %}{{ value }}{% endif %}
    {{- ", " if not loop.last }}
    {%- endfor -%}
)
{%- endtest %}
