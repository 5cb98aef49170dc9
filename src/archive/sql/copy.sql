copy {{ table | replace('.', '_') }} (
    {%- for column in columns %}{{ column | identifier }}{{ ', ' if not loop.last }}{% endfor -%}
) from stdin (format binary)
