create or replace view {{ target }} as (
{{ body }}
)
