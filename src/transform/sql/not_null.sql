select *
from {% include "subject.sql" %}
where {{ column }} is null
