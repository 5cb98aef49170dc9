{% from "numbered.sql" import numbered -%}
{% if key -%}
insert into {{ target }}
select staged.*
from pg_temp.firstpress_staged as staged
where not exists (
    select
    from {{ target }} as published
    where
        {%- for column in key %}
        published.{{ column | identifier }} = staged.{{ column | identifier }} and
        {%- endfor %}
        published.* operator(pg_catalog.*=) staged.*
)
{%- else -%}
insert into {{ target }}
select *
from pg_temp.firstpress_staged
where ctid in (
    select staged.place
    from {{ numbered("pg_temp.firstpress_staged") }} as staged
    left join {{ numbered(target) }} as published using (contents, copy)
    where published.copy is null
)
{%- endif %}
