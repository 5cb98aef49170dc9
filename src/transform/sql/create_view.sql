create {{ "or replace " if replace }}view {{ target }} as (
{{ body }}
)
