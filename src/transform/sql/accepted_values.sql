select distinct {{ column }} as value
from {% include "subject.sql" %}
where {{ column }} not in (
    {%- for value in values %}{{ value | literal if quote else value }}{{ ", " if not loop.last }}{% endfor -%}
)
