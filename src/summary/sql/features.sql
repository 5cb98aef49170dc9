select
    feature,
    n,
    spearman,
    spearman_low,
    spearman_high
from trends.feature_popularity_correlation
where period = 'all' and spearman is not null
order by abs(spearman) desc, feature
limit 4
