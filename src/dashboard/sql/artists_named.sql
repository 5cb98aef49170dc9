-- $1: part of the name, $2: how many
select
    artist_id as id,
    artist_name as name,
    null as by,
    tracks
from trends.artist_feature_profile
where strpos(ops.folded(artist_name), ops.folded($1)) > 0
order by ops.folded(artist_name) = ops.folded($1) desc, tracks desc, artist_id
limit $2
