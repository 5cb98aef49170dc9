insert into {{ target }}
select *
from pg_temp.firstpress_staged
{%- if not all %}
where ctid in (select come from pg_temp.firstpress_changes where come is not null)
{%- endif %}
