-- $1: albums
select
    album_id,
    days_since_release,
    observed_on,
    popularity,
    mean_track_popularity,
    tracks,
    total_tracks
from trends.popularity_trajectory
where album_id = any($1)
order by array_position($1, album_id), days_since_release
