select
    case when is_development_mode then coalesce(reason, 'an earlier run') end as development_mode,
    calls_per_second
from ops.spotify_apps
where client_id = $1
