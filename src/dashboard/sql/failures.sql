select
    check_name,
    failing_row,
    found_at
from ops.check_failures
where row_number <= $1
order by check_name, row_number
