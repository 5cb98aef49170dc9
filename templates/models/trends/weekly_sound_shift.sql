{{ config(
    materialized='table',
    unique_key=['release_week', 'feature'],
    indexes=[{'columns': ['release_week', 'feature'], 'unique': true}],
    tags=['weekly']
) }}

with

weeks as (
    select * from {{ ref('weekly_feature_trend') }}
),

-- The tracks of the weeks before as one sample: its moments follow from those of each week.
moments as (
    select
        release_week,
        feature,
        n,
        mean,
        stddev,
        rows_spotify,
        rows_reccobeats,
        count(*) filter (where n > 0) over before as baseline_weeks,
        coalesce(sum(n) over before, 0) as baseline_n,
        sum(n * mean) over before as total,
        sum((n - 1) * coalesce(stddev, 0) ^ 2 + n * mean ^ 2) over before as squares,
        coalesce(sum(rows_spotify) over before, 0) as baseline_spotify,
        coalesce(sum(rows_reccobeats) over before, 0) as baseline_reccobeats
    from weeks
    window before as (
        partition by feature
        order by release_week
        range between interval '{{ var("baseline_weeks") }} weeks' preceding and interval '1 week' preceding
    )
),

baselines as (
    select
        *,
        total / nullif(baseline_n, 0) as baseline_mean,
        sqrt(
            greatest(squares - total ^ 2 / nullif(baseline_n, 0), 0) / nullif(baseline_n - 1, 0)
        ) as baseline_stddev
    from moments
),

pooled as (
    select
        *,
        sqrt(
            ((n - 1) * stddev ^ 2 + (baseline_n - 1) * baseline_stddev ^ 2) / nullif(n + baseline_n - 2, 0)
        ) as pooled_stddev,
        case
            when
                rows_spotify + baseline_spotify > 0 and rows_reccobeats + baseline_reccobeats > 0
                then 'measured by two sources'
            when
                n < {{ var('fewest_peers') }} or baseline_n < {{ var('fewest_peers') }}
                then 'too few tracks'
        end as reason
    from baselines
),

-- The standard deviation of equal values is the noise of their sums.
reasoned as (
    select
        *,
        case
            when reason is not null then reason
            when pooled_stddev <= 1e-6 * abs(baseline_mean) then 'does not vary'
        end as shift_missing_reason
    from pooled
),

effects as (
    select
        *,
        case
            when shift_missing_reason is null
                then (1 - 3.0 / (4.0 * (n + baseline_n - 2) - 1)) * (mean - baseline_mean) / pooled_stddev
        end as effect_size
    from reasoned
),

final as (
    select
        release_week,
        feature,
        n,
        mean,
        baseline_weeks::integer as baseline_weeks,
        baseline_n::integer as baseline_n,
        {{ rounded('baseline_mean') }} as baseline_mean,
        {{ rounded('baseline_stddev') }} as baseline_stddev,
        case when shift_missing_reason is null then {{ rounded('mean - baseline_mean') }} end as shift,
        {{ rounded('effect_size') }} as effect_size,
        {{ rounded(effect_size_bound('effect_size', '-', 'n', 'baseline_n')) }} as effect_low,
        {{ rounded(effect_size_bound('effect_size', '+', 'n', 'baseline_n')) }} as effect_high,
        shift_missing_reason
    from effects
)

select * from final
