-- What runs stored that are not in the archive: none but those that were purged from it. The latest run that is has all
-- of raw.quarantine.
insert into {{ table | replace('.', '_') }}
select * from {{ table }}
where
    {%- if table == 'raw.market_sets' %}
    market_set_id in (
        select market_set_id from raw.albums where run_id <> all($1)
        union
        select market_set_id from raw.album_tracks where run_id <> all($1)
        union
        select market_set_id from raw.track_details where run_id <> all($1)
    )
    {%- elif table == 'raw.quarantine' %}
    cardinality($1::uuid[]) is null
    {%- elif table == 'ops.album_ledger' %}
    discovered_run_id <> all($1)
    {%- else %}
    run_id <> all($1)
    {%- endif %}
