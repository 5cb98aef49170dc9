alter table {{ target }}
{%- for column in columns %}
add column {{ column.name | identifier }} {{ column.type }}{{ "," if not loop.last }}
{%- endfor %}
