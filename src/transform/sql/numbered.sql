{#- Rows with their text and, among rows of the same text, their number. -#}
{% macro numbered(relation) -%}
(
    select
        row_.ctid as place,
        (row_.*)::text collate "C" as contents,
        row_number() over (partition by (row_.*)::text collate "C") as copy
    from {{ relation }} as row_
)
{%- endmacro %}
