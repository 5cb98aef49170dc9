{% test relationships(model, column_name, to, field) -%}
select child.value
from (
    select {{ column_name }} as value
    from {{ model }}
    where {{ column_name }} is not null
) as child
left join (select {{ field }} as value from {{ to }}) as parent on child.value = parent.value
where parent.value is null
{%- endtest %}
