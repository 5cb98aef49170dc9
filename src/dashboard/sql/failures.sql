select
    check_name,
    failing_row
from ops.check_failures
where row_number <= $1
order by check_name, row_number
