select
    runs.run_id,
    runs.status,
    runs.started_at,
    extract(epoch from runs.finished_at - runs.started_at)::double precision as seconds,
    (select count(*) from ops.album_ledger as ledger where ledger.loaded_run_id = runs.run_id) as albums,
    (
        select coalesce(sum(api_calls.calls), 0)::bigint
        from ops.api_calls as api_calls
        where api_calls.run_id = runs.run_id and api_calls.endpoint like '/%' and api_calls.endpoint <> '/api/token'
    ) as calls,
    runs.error
from ops.run_states as runs
order by runs.started_at desc
limit 10
