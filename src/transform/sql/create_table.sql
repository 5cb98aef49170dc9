create table {{ target }} (
    {%- for column in columns %}
    {{ column.name | identifier }} {{ column.type }}{{ "," if not loop.last }}
    {%- endfor %}
)
