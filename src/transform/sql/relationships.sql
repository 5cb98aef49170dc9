select child.value
from (
    select {{ column }} as value
    from {% include "subject.sql" %}
    where {{ column }} is not null
) as child
left join (select {{ field }} as value from {{ to }}) as parent on child.value = parent.value
where parent.value is null
