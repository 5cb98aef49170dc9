select {{ column }} as value, count(*) as copies
from {% include "subject.sql" %}
where {{ column }} is not null
group by 1
having count(*) > 1
