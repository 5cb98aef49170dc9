select
    calls,
    calls_left,
    frees_at
from ops.enter_calls($1, $2)
