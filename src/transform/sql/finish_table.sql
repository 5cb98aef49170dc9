drop table pg_temp.firstpress_staged
{%- if analyze %};
analyze {{ target }}
{%- endif %}
