{% from "numbered.sql" import numbered -%}
{#- *= compares rows byte by byte, nulls included, for every type; "refresh materialized view concurrently"
    uses it for the same purpose. Without a key, rows are paired by their text, and equal rows by their number. -#}
{% if key -%}
delete from {{ target }} as published
where not exists (
    select
    from pg_temp.firstpress_staged as staged
    where
        {%- for column in key %}
        staged.{{ column | identifier }} = published.{{ column | identifier }} and
        {%- endfor %}
        staged.* operator(pg_catalog.*=) published.*
)
{%- else -%}
delete from {{ target }}
where ctid in (
    select published.place
    from {{ numbered(target) }} as published
    left join {{ numbered("pg_temp.firstpress_staged") }} as staged using (contents, copy)
    where staged.copy is null
)
{%- endif %}
