drop table if exists pg_temp.firstpress_staged, pg_temp.firstpress_changes
{%- if analyze %};
analyze {{ target }}
{%- endif %}
