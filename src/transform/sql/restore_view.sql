create view {{ target }}{% if view.options %} with ({{ view.options }}){% endif %} as
{{ view.definition }};
alter view {{ target }} owner to {{ view.owner | identifier }}
{%- if view.comment %};
comment on view {{ target }} is {{ view.comment | literal }}
{%- endif %}
