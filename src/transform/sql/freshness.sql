select
    max({{ loaded_at }})::timestamptz as loaded_at,
    now() as looked_at
from {{ relation }}
{%- if filter is not none %}
where {{ filter }}
{%- endif %}
