-- What a later run stored stands in the place of what an earlier one did.
{%- set staged = table | replace('.', '_') %}
{%- if table == 'raw.quarantine' %}
delete from raw.quarantine;
{%- else %}
delete from {{ table }} as standing
using {{ staged }} as staged
where {% for column in key %}standing.{{ column }} = staged.{{ column }}{{ ' and ' if not loop.last }}{% endfor %};
{%- endif %}
{%- if table == 'raw.albums' %}
delete from raw.album_tracks
where album_id in (select album_id from {{ staged }});
{%- endif %}
insert into {{ table }} select * from {{ staged }};
truncate {{ staged }};
