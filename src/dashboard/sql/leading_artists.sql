-- $1: how many, $2: fewest tracks of an artist whose mean says something
select artist_id
from trends.artist_feature_profile
order by
    tracks_with_features >= $2 and tracks_with_popularity >= $2 desc,
    tracks_with_features > 0 desc,
    mean_popularity desc nulls last,
    tracks desc,
    artist_id
limit $1
