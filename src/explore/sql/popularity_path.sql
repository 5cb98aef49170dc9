select
    days_since_release,
    observed_on,
    popularity,
    mean_track_popularity,
    tracks
from trends.popularity_trajectory
where album_id = $1
order by days_since_release
