-- $1: artists
select
    artist_id,
    artist_name,
    tracks,
    albums,
    tracks_with_features,
    rows_spotify,
    rows_reccobeats,
    mean_popularity,
    tracks_with_popularity
from trends.artist_feature_profile
where artist_id = any($1)
order by array_position($1, artist_id)
