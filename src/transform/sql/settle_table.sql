{#- The index proves the key: were it not unique, rows could not be paired by it. The models that read the table are
    planned by its statistics. -#}
{% if key -%}
create unique index on {{ relation }} (
    {%- for column in key %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor -%}
);
{% endif -%}
analyze {{ relation }}
