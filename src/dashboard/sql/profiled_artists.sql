-- $1: artists
select artist_id
from trends.artist_feature_profile
where artist_id = any($1)
