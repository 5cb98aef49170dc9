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

-- A track without one of the two is no pair, but says why there are so few.
pairs as (
    select
        albums.release_week,
        features.feature_number,
        features.value is not null as has_feature,
        tracks.popularity is not null as has_popularity,
        case when tracks.popularity is not null then features.value end as feature_value,
        case when features.value is not null then tracks.popularity::double precision end as popularity,
        features.value_source
    from tracks
    inner join albums
        on tracks.album_id = albums.album_id
    cross join lateral {{ audio_feature_values('tracks') }} as features (feature_number, value, value_source)
),

-- Every pair counts for all time (no week) and, where its day of release is known, for its week.
pairs_by_period as (
    select
        null::date as release_week,
        feature_number,
        has_feature,
        has_popularity,
        feature_value,
        popularity,
        value_source
    from pairs
    union all
    select
        release_week,
        feature_number,
        has_feature,
        has_popularity,
        feature_value,
        popularity,
        value_source
    from pairs
    where release_week is not null
),

-- Over a value and its ties, rank() is the first place and count(*) the last. Nulls come after all values.
ranked as (
    select
        release_week,
        feature_number,
        has_feature,
        has_popularity,
        feature_value,
        popularity,
        value_source,
        (rank() over by_value + count(*) over by_value) / 2.0::double precision as value_rank,
        (rank() over by_popularity + count(*) over by_popularity) / 2.0::double precision as popularity_rank
    from pairs_by_period
    window
        by_value as (partition by release_week, feature_number order by feature_value),
        by_popularity as (partition by release_week, feature_number order by popularity)
),

correlations as (
    select
        release_week,
        feature_number,
        count(*)::integer as tracks,
        count(feature_value)::integer as n,
        count(feature_value) filter (where value_source = 'spotify')::integer as rows_spotify,
        count(feature_value) filter (where value_source = 'reccobeats')::integer as rows_reccobeats,
        -- corr() of a constant can be the noise of its sums instead of null.
        case
            when not bool_or(has_popularity) then 'no track has a popularity'
            when not bool_or(has_feature) then 'no track has this feature'
            when count(feature_value) < 3 then 'fewer than 3 tracks have both'
            when min(feature_value) = max(feature_value) or min(popularity) = max(popularity)
                then 'one of the two does not vary'
        end as correlation_missing_reason,
        corr(feature_value, popularity) as pearson,
        corr(value_rank, popularity_rank) filter (where feature_value is not null) as spearman
    from ranked
    group by release_week, feature_number
),

defined as (
    select
        release_week,
        feature_number,
        tracks,
        n,
        rows_spotify,
        rows_reccobeats,
        correlation_missing_reason,
        case when correlation_missing_reason is null then pearson end as pearson,
        case when correlation_missing_reason is null then spearman end as spearman
    from correlations
),

final as (
    select
        coalesce(to_char(release_week, 'YYYY-MM-DD'), 'all') as period,
        release_week,
        {{ audio_feature_name('feature_number') }} as feature,
        tracks,
        n,
        {{ rounded('pearson') }} as pearson,
        {{ rounded(correlation_bound('pearson', '-', 'n', '1.0')) }} as pearson_low,
        {{ rounded(correlation_bound('pearson', '+', 'n', '1.0')) }} as pearson_high,
        {{ rounded('spearman') }} as spearman,
        {{ rounded(correlation_bound('spearman', '-', 'n', '(1 + spearman ^ 2 / 2)')) }} as spearman_low,
        {{ rounded(correlation_bound('spearman', '+', 'n', '(1 + spearman ^ 2 / 2)')) }} as spearman_high,
        correlation_missing_reason,
        rows_spotify,
        rows_reccobeats
    from defined
)

select * from final
