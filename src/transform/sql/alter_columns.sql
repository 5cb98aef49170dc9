{#- A column of another type is another column: writing the table anew would show it empty to whoever reads it in a
    transaction that began before. -#}
alter table {{ target }}
{%- for column in dropped %}
drop column {{ column | identifier }}{{ "," if added or not loop.last }}
{%- endfor %}
{%- for column in added %}
add column {{ column.name | identifier }} {{ column.type }}{{ "," if not loop.last }}
{%- endfor %}
