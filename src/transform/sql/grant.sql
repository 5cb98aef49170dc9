grant {{ grant.privilege }}{% if grant.column_name %} ({{ grant.column_name | identifier }}){% endif %} on {{ target }} to {{ grant.grantee }}
{%- if grant.is_grantable %} with grant option{% endif %}
