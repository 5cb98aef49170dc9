-- $1 is popularity or names a column of the table, $2 whether the least come first, $3 the fewest tracks, $4 how
-- many artists. The table has no percentile of popularity, which is counted here as it counts the others.
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
            (
                'popularity',
                profiles.mean_popularity,
                profiles.tracks_with_popularity,
                profiles.popularity_percentile
            ),
            (
                'danceability',
                profiles.danceability,
                profiles.tracks_with_features,
                profiles.danceability_percentile
            ),
            (
                'energy',
                profiles.energy,
                profiles.tracks_with_features,
                profiles.energy_percentile
            ),
            (
                'loudness',
                profiles.loudness,
                profiles.tracks_with_features,
                profiles.loudness_percentile
            ),
            (
                'speechiness',
                profiles.speechiness,
                profiles.tracks_with_features,
                profiles.speechiness_percentile
            ),
            (
                'acousticness',
                profiles.acousticness,
                profiles.tracks_with_features,
                profiles.acousticness_percentile
            ),
            (
                'instrumentalness',
                profiles.instrumentalness,
                profiles.tracks_with_features,
                profiles.instrumentalness_percentile
            ),
            (
                'liveness',
                profiles.liveness,
                profiles.tracks_with_features,
                profiles.liveness_percentile
            ),
            (
                'valence',
                profiles.valence,
                profiles.tracks_with_features,
                profiles.valence_percentile
            ),
            (
                'tempo',
                profiles.tempo,
                profiles.tracks_with_features,
                profiles.tempo_percentile
            ),
            (
                'duration_ms',
                profiles.duration_ms,
                profiles.tracks,
                profiles.duration_ms_percentile
            )
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
