{#- Types that have no equality are compared as one that has. -#}
{%- macro rows(table) -%}
select {% for column in columns %}{{ column.name | identifier }}{{ "::jsonb" if column.type == "json" }}{{ ", " if not loop.last }}{% endfor %}
from pg_temp.{{ table }}
{%- endmacro -%}
select true as is_missing, to_json(missing.*)::text as contents
from (
{{ rows("firstpress_expected") }}
except all
{{ rows("firstpress_actual") }}
) as missing
union all
select false, to_json(surplus.*)::text
from (
{{ rows("firstpress_actual") }}
except all
{{ rows("firstpress_expected") }}
) as surplus
order by 1 desc, 2
