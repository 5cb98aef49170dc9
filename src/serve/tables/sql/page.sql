{#- One page of a table, and the publication that it is of: one statement, so that both are of one moment. Names come
    from the catalogue, quoted by Postgres; each value is bound.

    $1 rows of a page
    $2 rows to leave out that sort like the cursor: those that the pages before have given
    $3 the cursor: for each term of the order the value of the last row given, null where it was null
    $4 and on: values of the filters, a list each

    Nulls are last in every order, so nothing comes after a null. Rows that the order leaves side by side, as those of a
    table without a key and those whose key is null, stand by their other columns, and the cursor counts them: until the
    next publication they are the same. -#}
{%- macro plain(column) -%}
    source.{{ column.identifier }}{{ "::text" if column.is_text }}
{%- endmacro -%}
{%- macro reached(term) -%}
    ($3::text[])[{{ term.position }}]::{{ term.column.type }}
{%- endmacro -%}
with sorted as (
    select source.*
    from {{ relation }} as source
    where
        true
        {%- for filter in filters %}
        and
        {%- if filter.test == "any" %} {{ plain(filter.column) }} = any(${{ filter.parameter }}::text[]::{{ filter.column.type }}[])
        {%- elif filter.test == "contains" %} strpos(ops.folded({{ plain(filter.column) }}), ops.folded((${{ filter.parameter }}::text[])[1])) > 0
        {%- elif filter.test == "null" %} {{ plain(filter.column) }} is null
        {%- elif filter.test == "not null" %} {{ plain(filter.column) }} is not null
        {%- else %} {{ plain(filter.column) }} {{ filter.test }} (${{ filter.parameter }}::text[])[1]::{{ filter.column.type }}
        {%- endif %}
        {%- endfor %}
        {%- if is_continued %}
        and
        {%- for term in order %} (
            {%- if not term.is_at_null %}
            {{ plain(term.column) }} {{ "<" if term.is_descending else ">" }} {{ reached(term) }}
            or {{ plain(term.column) }} is null
            or
            {%- endif %} ({{ plain(term.column) }} {% if term.is_at_null %}is null{% else %}= {{ reached(term) }}{% endif %} and
        {%- endfor %} true
        {%- for term in order %})){% endfor %}
        {%- endif %}
    order by
        {%- for term in order + others %}
        {{ plain(term.column) }}{{ " desc" if term.is_descending }} nulls last{{ "," if not loop.last }}
        {%- endfor %}
    limit $1::bigint + 1
    offset $2::bigint
),

page as (
    select
        {% if as_cells -%}
        array_to_json(array[
            {%- for column in columns %}
            {%- if column.is_moment %}
            to_json(source.{{ column.identifier }}) #>> '{}'
            {%- else %}
            source.{{ column.identifier }}::text
            {%- endif %}{{ "," if not loop.last }}
            {%- endfor %}
        ])::text as line,
        {%- else -%}
        row_to_json(shown)::text as line,
        {%- endif %}
        array[
            {%- for term in order %}
            source.{{ term.column.identifier }}::text{{ "," if not loop.last }}
            {%- endfor %}
        ]::text[] as reached,
        -- values that are equal may be written differently, as 1.0 and 1.00 are
        row(true{% for term in order %}, {{ plain(term.column) }}{% endfor %}) as beside,
        {{ is_continued }}
        {%- for term in order if is_continued %}
        and {{ plain(term.column) }} is not distinct from {{ reached(term) }}
        {%- endfor %} as is_beside_cursor,
        row_number() over () as place
    from sorted as source
    {%- if not as_cells %}
    cross join lateral (
        select
            {%- for column in columns %}
            source.{{ column.identifier }}{{ "," if not loop.last }}
            {%- endfor %}
    ) as shown
    {%- endif %}
),

last_row as (
    select
        page.reached,
        page.beside,
        page.is_beside_cursor
    from page
    where page.place = $1::bigint and exists (select 1 from page as further where further.place > $1::bigint)
)

select
    published.published_at,
    (
        select models.run_id
        from ops.published_models as models
        where models.published_at = published.published_at
        limit 1
    ) as run_id,
    (
        select '[' || coalesce(string_agg(page.line, ',' order by page.place), '') || ']'
        from page
        where page.place <= $1::bigint
    ) as rows,
    (select last_row.reached from last_row) as reached,
    (
        select count(*) + case when last_row.is_beside_cursor then $2::bigint else 0 end
        from page
        inner join last_row on page.beside = last_row.beside
        where page.place <= $1::bigint
        group by last_row.is_beside_cursor
    ) as given
from ops.published as published
