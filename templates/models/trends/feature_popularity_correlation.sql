{{ config(
    unique_key=['period', 'feature'],
    indexes=[{'columns': ['period', 'feature'], 'unique': true}]
) }}

with

tracks as (
    select * from {{ ref('dim_track') }}
),

albums as (
    select * from {{ ref('dim_album') }}
),

pairs as (
    select
        albums.release_week,
        features.feature_number,
        features.value,
        tracks.popularity::double precision as popularity,
        tracks.features_source
    from tracks
    inner join albums
        on tracks.album_id = albums.album_id
    cross join lateral {{ audio_feature_values('tracks') }} as features (feature_number, value)
    where tracks.popularity is not null and features.value is not null
),

-- Every pair counts for all time (no week) and, where its day of release is known, for its week.
pairs_by_period as (
    select
        null::date as release_week,
        feature_number,
        value,
        popularity,
        features_source
    from pairs
    union all
    select
        release_week,
        feature_number,
        value,
        popularity,
        features_source
    from pairs
    where release_week is not null
),

-- Over a value and its ties, rank() is the first place and count(*) the last.
ranked as (
    select
        release_week,
        feature_number,
        value,
        popularity,
        features_source,
        (rank() over by_value + count(*) over by_value) / 2.0::double precision as value_rank,
        (rank() over by_popularity + count(*) over by_popularity) / 2.0::double precision as popularity_rank
    from pairs_by_period
    window
        by_value as (partition by release_week, feature_number order by value),
        by_popularity as (partition by release_week, feature_number order by popularity)
),

correlations as (
    select
        release_week,
        feature_number,
        count(*)::integer as n,
        count(*) filter (where features_source = 'spotify')::integer as rows_spotify,
        count(*) filter (where features_source = 'reccobeats')::integer as rows_reccobeats,
        -- corr() of a constant can be the noise of its sums instead of null.
        count(*) >= 3 and min(value) < max(value) and min(popularity) < max(popularity) as is_defined,
        corr(value, popularity) as pearson,
        corr(value_rank, popularity_rank) as spearman
    from ranked
    group by release_week, feature_number
),

defined as (
    select
        release_week,
        feature_number,
        n,
        rows_spotify,
        rows_reccobeats,
        case when is_defined then pearson end as pearson,
        case when is_defined then spearman end as spearman
    from correlations
),

final as (
    select
        coalesce(to_char(release_week, 'YYYY-MM-DD'), 'all') as period,
        release_week,
        {{ audio_feature_name('feature_number') }} as feature,
        n,
        {{ rounded('pearson') }} as pearson,
        {{ rounded(correlation_bound('pearson', '-', 'n', '1.0')) }} as pearson_low,
        {{ rounded(correlation_bound('pearson', '+', 'n', '1.0')) }} as pearson_high,
        {{ rounded('spearman') }} as spearman,
        {{ rounded(correlation_bound('spearman', '-', 'n', '(1 + spearman ^ 2 / 2)')) }} as spearman_low,
        {{ rounded(correlation_bound('spearman', '+', 'n', '(1 + spearman ^ 2 / 2)')) }} as spearman_high,
        rows_spotify,
        rows_reccobeats
    from defined
)

select * from final
