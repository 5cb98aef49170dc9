{#- The columns that a table will have, of rows that may lack some of them. -#}
{% macro shaped(columns, present) -%}
    {%- for column in columns %}
    {% if column.name in present -%}
        {{ column.name | identifier }}
    {%- else -%}
        null::{{ column.type }} as {{ column.name | identifier }}
    {%- endif %}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
