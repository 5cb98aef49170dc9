-- $1: artists
select
    artists.artist_id,
    features.feature,
    features.mean,
    features.percentile
from trends.artist_feature_profile as artists
cross join lateral (
    values
    ('danceability', artists.danceability, artists.danceability_percentile),
    ('energy', artists.energy, artists.energy_percentile),
    ('loudness', artists.loudness, artists.loudness_percentile),
    ('speechiness', artists.speechiness, artists.speechiness_percentile),
    ('acousticness', artists.acousticness, artists.acousticness_percentile),
    ('instrumentalness', artists.instrumentalness, artists.instrumentalness_percentile),
    ('liveness', artists.liveness, artists.liveness_percentile),
    ('valence', artists.valence, artists.valence_percentile),
    ('tempo', artists.tempo, artists.tempo_percentile),
    ('duration_ms', artists.duration_ms, artists.duration_ms_percentile)
) as features (feature, mean, percentile)
where artists.artist_id = any($1)
