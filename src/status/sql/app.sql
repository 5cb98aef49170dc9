-- The app of this client id; without one, and where the sandbox's app filled the database, the app that was used last.
select
    client_id,
    is_development_mode,
    reason,
    calls_per_second,
    learned_at
from ops.spotify_apps
where
    $1::text is null
    or client_id = $1
    or (select api_url from ops.runs order by started_at desc limit 1) = 'sandbox'
order by learned_at desc
limit 1
