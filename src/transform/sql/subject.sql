{%- if filter is none -%}
{{ relation }}
{%- else -%}
(select * from {{ relation }} where {{ filter }}) as filtered
{%- endif -%}
