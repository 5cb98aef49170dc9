{% test unique(model, column_name) -%}
select {{ column_name }} as value, count(*) as copies
from {{ model }}
where {{ column_name }} is not null
group by 1
having count(*) > 1
{%- endtest %}
