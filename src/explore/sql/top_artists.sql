-- $1 is popularity or names a column of the table, $2 whether the least come first, $3 the fewest tracks, $4 how many
-- artists. The table has no percentile of popularity, which is counted here as it counts the others.
with

profiles as (
    select
        *,
        case
            when mean_popularity is not null
                then percent_rank() over (
                    partition by mean_popularity is null
                    order by mean_popularity
                )
        end as popularity_percentile
    from trends.artist_feature_profile
),

measures as (
    select
        profiles.artist_id,
        profiles.artist_name,
        measures.value,
        measures.n,
        measures.percentile
    from profiles
    cross join
        lateral (
            values
            ('popularity', mean_popularity, tracks_with_popularity, popularity_percentile),
            ('danceability', danceability, tracks_with_features, danceability_percentile),
            ('energy', energy, tracks_with_features, energy_percentile),
            ('loudness', loudness, tracks_with_features, loudness_percentile),
            ('speechiness', speechiness, tracks_with_features, speechiness_percentile),
            ('acousticness', acousticness, tracks_with_features, acousticness_percentile),
            ('instrumentalness', instrumentalness, tracks_with_features, instrumentalness_percentile),
            ('liveness', liveness, tracks_with_features, liveness_percentile),
            ('valence', valence, tracks_with_features, valence_percentile),
            ('tempo', tempo, tracks_with_features, tempo_percentile),
            ('duration_ms', duration_ms, tracks, duration_ms_percentile)
        ) as measures (name, value, n, percentile)
    where measures.name = $1
)

select
    artist_id,
    artist_name,
    value,
    n,
    percentile,
    'https://open.spotify.com/artist/' || artist_id as spotify_url
from measures
where value is not null and n >= $3
order by
    case when $2 then value else -value end,
    artist_id
limit $4
