{#- One pass over both tables. *= compares rows byte by byte, nulls included, for every type; "refresh
    materialized view concurrently" uses it for the same purpose. Without a key, rows are paired by their text,
    and those of the same text by their number. -#}
{% from "numbered.sql" import numbered -%}
drop table if exists pg_temp.firstpress_changes;
create temporary table firstpress_changes on commit drop as
{% if key -%}
select published.ctid as gone, staged.ctid as come
from {{ target }} as published
full join pg_temp.firstpress_staged as staged on
    {%- for column in key %}
    published.{{ column | identifier }} = staged.{{ column | identifier }} and
    {%- endfor %}
    published.* operator(pg_catalog.*=) staged.*
where published.ctid is null or staged.ctid is null
{%- else -%}
select published.place as gone, staged.place as come
from {{ numbered(target) }} as published
full join {{ numbered("pg_temp.firstpress_staged") }} as staged using (contents, copy)
where published.place is null or staged.place is null
{%- endif %}
