{{ config(
    unique_key='period',
    indexes=[
        {'columns': ['period', 'feature'], 'unique': true},
        {'columns': ['updated_at']},
    ],
    tags=['weekly']
) }}

with

albums as not materialized (
    select * from {{ ref('dim_album') }}
),

album_tracks as not materialized (
    select * from {{ ref('album_track') }}
),

tracks as not materialized (
    select * from {{ ref('dim_track') }}
),

calendar as (
    select * from {{ ref('release_calendar') }}
),

{% if is_incremental() -%}
    changed as (
        {{ changed_weeks() }}
    ),
{%- endif %}

dated_albums as (
    select
        album_id,
        release_week,
        updated_at
    from albums
    where
        release_week is not null
        {% if is_incremental() -%}
            and {{ is_among('release_week', 'changed') }}
        {%- endif %}
),

new_tracks as (
    select * from tracks
    {% if is_incremental() -%}
        where {{ is_among('album_id', 'dated_albums') }}
    {%- endif %}
),

-- All tracks, or every second, fourth, eighth …: all time grows, and the work for it does not.
sample as (
    select least(1, power(2, -ceil(log(2, sum(tracks) / {{ var('correlation_sample') }}::numeric)))) as part
    from calendar
    where tracks > 0
),

-- A week of re-issues alone has no track of its own, and a row of nulls stands for that here.
tracks_by_period as (
    select
        dated_albums.release_week,
        greatest(dated_albums.updated_at, new_tracks.updated_at) as newest,
        new_tracks.*
    from dated_albums
    left join new_tracks
        on dated_albums.album_id = new_tracks.album_id
    union all
    select
        null as release_week,
        tracks.updated_at as newest,
        tracks.*
    from tracks
    where
        tracks.sample_number >= 0
        and tracks.sample_number < (select coalesce(sample.part, 1) from sample)
),

-- A track without one of the two is no pair, but says why there are so few.
pairs as (
    select
        tracks_by_period.release_week,
        features.feature_number,
        tracks_by_period.track_id,
        tracks_by_period.newest,
        features.value_source,
        features.value is not null as has_feature,
        tracks_by_period.popularity is not null as has_popularity,
        case when tracks_by_period.popularity is not null then features.value end as feature_value,
        case when features.value is not null then tracks_by_period.popularity::double precision end
            as popularity
    from tracks_by_period
    cross join lateral {{ audio_feature_values('tracks_by_period') }}
),

-- Over a value and its ties, rank() is the first place and count(*) the last. Nulls come after all values.
ranked as (
    select
        *,
        (rank() over by_value + count(*) over by_value) / 2.0::double precision as value_rank,
        (rank() over by_popularity + count(*) over by_popularity) / 2.0::double precision as popularity_rank
    from pairs
    window
        by_value as (partition by release_week, feature_number order by feature_value),
        by_popularity as (partition by release_week, feature_number order by popularity)
),

correlations as (
    select
        release_week,
        feature_number,
        count(track_id)::integer as tracks,
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
        corr(value_rank, popularity_rank) filter (where feature_value is not null) as spearman,
        max(newest) as updated_at
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
        case when correlation_missing_reason is null then spearman end as spearman,
        updated_at
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
        rows_reccobeats,
        updated_at
    from defined
)

select * from final
