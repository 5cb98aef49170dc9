drop table if exists pg_temp.firstpress_staged;
create temporary table firstpress_staged on commit drop as (
{{ body }}
)
