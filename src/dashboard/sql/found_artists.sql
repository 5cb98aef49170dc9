-- $1: artists, the best hit first, $2: how many
select
    artist_id as id,
    artist_name as name,
    null as by,
    tracks
from trends.artist_feature_profile
where artist_id = any($1)
order by array_position($1, artist_id)
limit $2
