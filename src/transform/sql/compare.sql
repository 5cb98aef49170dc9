{#- The rows of a table that are gone, and those that come, one pass over both. *= compares records byte by byte, nulls
    included, for every type; "refresh materialized view concurrently" uses it for the same purpose. Without a key, rows
    are paired by their text, and those of the same text by their number. Of an incremental model only the rows are
    looked at whose keys come. -#}
{% from "shaped.sql" import shaped -%}
{% macro contents() -%}
    row({% for column in columns %}{{ column.name | identifier }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro -%}
{% macro paired_by() -%}
    {%- if key %}
        {% for column in key %}{{ column | identifier }}, {% endfor %}{{ contents() }} as contents
    {%- else %}
        {{ contents() }}::text collate "C" as contents,
        row_number() over (partition by {{ contents() }}::text collate "C") as copy
    {%- endif %}
{%- endmacro -%}
create unlogged table {{ changes }} as
with

standing as (
    select
        place,
        {{- paired_by() }}
    from (
        select
            ctid as place,
            {{- shaped(columns, standing) }}
        from {{ target }} as present
        {%- if only_added %}
        where false
        {%- elif replaced_by %}
        where {% if indexed %}present.{{ indexed | identifier }} = any(array(select {{ indexed | identifier }} from {{ rows }}))
        and {% endif %}exists (
            select 1
            from {{ rows }} as coming
            where {% for column in replaced_by -%}
                coming.{{ column | identifier }} = present.{{ column | identifier }}{{ " and " if not loop.last }}
            {%- endfor %}
        )
        {%- endif %}
    ) as present
),

coming as (
    select
        place,
        {{- paired_by() }}
    from (
        select
            ctid as place,
            {{- shaped(columns, coming) }}
        from {{ rows }}
    ) as present
)

select
    standing.place as gone,
    coming.place as come
from standing
full join coming on
    {%- for column in key or ["copy"] %}
    standing.{{ column | identifier }} = coming.{{ column | identifier }} and
    {%- endfor %}
    standing.contents {{ "operator(pg_catalog.*=)" if key else "=" }} coming.contents
where standing.place is null or coming.place is null
