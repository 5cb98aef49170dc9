{#- Rows that are lost in a crash are computed again, so that no log of them is written. -#}
create unlogged table {{ relation }} as (
{{ body }}
)
