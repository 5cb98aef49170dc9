select
    tracks,
    n,
    pearson,
    pearson_low,
    pearson_high,
    spearman,
    spearman_low,
    spearman_high,
    correlation_missing_reason,
    rows_spotify,
    rows_reccobeats
from trends.feature_popularity_correlation
where feature = $1 and period = coalesce(to_char($2::date, 'YYYY-MM-DD'), 'all')
