{#-
    measure: popularity, or a feature, which is a column of the table. $1 whether the least come first, $2 the fewest
    tracks, $3 how many artists. The table has no percentile of popularity, which is counted here as it counts the
    others.
-#}
with measures as (
    select
        artist_id,
        artist_name,
        {% if measure == 'popularity' -%}
            mean_popularity as value,
            tracks_with_popularity as n,
            percent_rank() over (order by mean_popularity) as percentile
        {%- else -%}
            {{ measure }} as value,
            {{ 'tracks' if measure == 'duration_ms' else 'tracks_with_features' }} as n,
            {{ measure }}_percentile as percentile
        {%- endif %}
    from trends.artist_feature_profile
    where {{ 'mean_popularity' if measure == 'popularity' else measure }} is not null
)

select
    artist_id,
    artist_name,
    value,
    n,
    percentile,
    'https://open.spotify.com/artist/' || artist_id as spotify_url
from measures
where n >= $2
order by
    case when $1 then value else -value end,
    artist_id
limit $3
