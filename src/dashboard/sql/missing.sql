-- Why tracks have no popularity, and why none has audio features: the reason that most tracks have.
select
    count(*) as tracks,
    count(popularity) as tracks_with_popularity,
    count(features_source) as tracks_with_features,
    mode() within group (order by popularity_missing_reason) as popularity_missing_reason,
    mode() within group (order by features_missing_reason) as features_missing_reason
from core.dim_track
