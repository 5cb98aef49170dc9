-- What a run leaves of a table, in the order of its key, so that the same rows make the same file. What others may
-- change between runs comes whole: raw.quarantine, and the albums that are not loaded yet.
select * from {{ table }}
where
    {%- if table == 'raw.market_sets' %}
    market_set_id in (
        select market_set_id from raw.albums where run_id = $1
        union
        select market_set_id from raw.album_tracks where run_id = $1
        union
        select market_set_id from raw.track_details where run_id = $1
    )
    {%- elif table == 'raw.quarantine' %}
    $1::uuid is not null
    {%- elif table == 'ops.album_ledger' %}
    discovered_run_id = $1 or loaded_run_id = $1 or loaded_at is null
    {%- else %}
    run_id = $1
    {%- endif %}
order by {{ key | join(', ') }}
