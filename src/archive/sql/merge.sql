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
{%- if table == 'ops.album_ledger' %}
-- the run that discovered an album may have been purged from the archive: the earliest that is known stands for it
update {{ staged }} as staged
set discovered_run_id = (select run_id from ops.runs order by started_at, run_id limit 1)
where not exists (select 1 from ops.runs where runs.run_id = staged.discovered_run_id);
{%- endif %}
insert into {{ table }} select * from {{ staged }};
truncate {{ staged }};
