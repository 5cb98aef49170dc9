{#- Proves the key, without which rows could not be paired, and lets the join use it. -#}
create unique index firstpress_staged_key on pg_temp.firstpress_staged (
    {%- for column in key %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor -%}
);
analyze pg_temp.firstpress_staged
