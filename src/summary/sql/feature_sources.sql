select
    count(*) filter (where features_source = 'spotify') as spotify,
    count(*) filter (where features_source = 'reccobeats') as reccobeats,
    count(*) filter (where features_source is null) as unknown
from core.dim_track
