{#- Proves the key: were it not unique, rows could not be paired by it. -#}
create unique index firstpress_staged_key on pg_temp.firstpress_staged (
    {%- for column in key %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor -%}
)
