select 1
from {% include "subject.sql" %}
where {{ column }} is null
