drop table if exists pg_temp.{{ name }};
create temporary table {{ name }} on commit drop as (
{{ body }}
)
