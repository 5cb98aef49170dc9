{% if comment is not none -%}
comment on {{ kind }} {{ target }} is {{ comment | literal }};
{% endif -%}
{% for column in columns -%}
comment on column {{ target }}.{{ column.name | identifier }} is {{ column.comment | literal }};
{% endfor -%}
