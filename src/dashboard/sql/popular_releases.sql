-- $1: how many. For when no release is new.
select album_id
from trends.popularity_trajectory
group by album_id
order by max(observed_on) desc, max(popularity) desc, album_id
limit $1
