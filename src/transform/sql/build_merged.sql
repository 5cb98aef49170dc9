{#- An incremental model as it will stand, for those that read it meanwhile: its table, and in place of the rows whose
    keys come anew, those that come. -#}
{% from "shaped.sql" import shaped -%}
create view {{ relation }} as
select
    {{- shaped(columns, standing) }}
from {{ target }} as standing
{%- if key %}
where not exists (
    select 1
    from {{ rows }} as coming
    where {% for column in key -%}
        coming.{{ column | identifier }} = standing.{{ column | identifier }}{{ " and " if not loop.last }}
    {%- endfor %}
)
{%- endif %}
union all
select
    {{- shaped(columns, coming) }}
from {{ rows }}
