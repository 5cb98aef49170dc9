select
    first_week,
    last_week
from trends.new_release_window
where first_week is not null
