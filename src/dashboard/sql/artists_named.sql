-- $1: part of the name, escaped for LIKE, $2: how many
select
    artist_id as id,
    artist_name as name,
    null as by,
    tracks
from trends.artist_feature_profile
where artist_name ilike '%' || $1 || '%'
order by lower(artist_name) = lower($1) desc, tracks desc, artist_id
limit $2
