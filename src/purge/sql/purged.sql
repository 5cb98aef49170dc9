select
    retention,
    relation,
    before,
    rows
from ops.purged
where purge_id = $1
