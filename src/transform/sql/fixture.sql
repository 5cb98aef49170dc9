{#- Types come from the relation that the rows stand in for. The condition is true whatever it counts: it makes
    Postgres refuse a column that the relation does not have. -#}
select {{ columns | map("identifier") | join(", ") if only else "*" }}
from json_populate_recordset(null::{{ relation }}, {{ rows | literal }}) as fixture
{%- if columns %}
where true or num_nonnulls({% for column in columns %}fixture.{{ column | identifier }}{{ ", " if not loop.last }}{% endfor %}) > 0
{%- endif %}
