{#- How many keys an incremental model looks up is not known when its statement is planned. A loop within a loop that was
    planned for ten rows does not end with fifty thousand; a hash join hardly minds, but reads all of a table for ten.
    Rows that are lost in a crash are computed again, so that no log of them is written. -#}
set enable_nestloop = {{ "off" if much_comes else "on" }};
create unlogged table {{ relation }} as (
{{ body }}
)
