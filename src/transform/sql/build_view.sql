create view {{ relation }} as (
{{ body }}
)
