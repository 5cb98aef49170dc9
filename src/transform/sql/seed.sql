select *
from json_to_recordset({{ rows | literal }}) as seed (
    {%- for column in columns %}{{ column.name | identifier }} {{ column.type }}{{ ", " if not loop.last }}{% endfor -%}
)
