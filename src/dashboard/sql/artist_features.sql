{#- Means of features, columns of the table, and where they stand. $1: artists -#}
select
    artists.artist_id,
    features.feature,
    features.mean,
    features.percentile
from trends.artist_feature_profile as artists
cross join lateral (
    values
    {% for feature in features -%}
        ('{{ feature }}', artists.{{ feature }}, artists.{{ feature }}_percentile)
        {%- if not loop.last %}, {% endif -%}
    {% endfor %}
) as features (feature, mean, percentile)
where artists.artist_id = any($1)
