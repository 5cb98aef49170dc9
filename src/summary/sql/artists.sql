-- a mean over one or two tracks says little of the artist
select
    artist_name,
    tracks,
    mean_popularity,
    danceability,
    energy,
    valence,
    acousticness,
    tempo
from trends.artist_feature_profile
where tracks_with_features >= 3
order by mean_popularity desc nulls last, tracks desc, artist_id
limit 5
