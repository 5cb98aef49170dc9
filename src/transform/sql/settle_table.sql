{#- The key's index proves it: were it not unique, rows could not be paired by it. The other ones serve the models that
    look up in the table what has changed, and all of them are planned by its statistics. -#}
{% if key -%}
create unique index on {{ relation }} (
    {%- for column in key %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor -%}
);
{% endif -%}
{% for index in indexes -%}
create index on {{ relation }} using {{ index.type }} (
    {%- for column in index.columns %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor -%}
);
{% endfor -%}
analyze {{ relation }}
