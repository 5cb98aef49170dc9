drop view if exists pg_temp.firstpress_view;
create temporary view firstpress_view as (
{{ body }}
)
