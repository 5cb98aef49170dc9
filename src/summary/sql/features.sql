select
    feature,
    n,
    spearman,
    spearman_low,
    spearman_high,
    correlation_missing_reason
from trends.feature_popularity_correlation
where period = 'all'
order by abs(spearman) desc nulls last, feature
limit 4
