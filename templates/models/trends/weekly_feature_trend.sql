{{ config(
    unique_key=['release_week', 'feature'],
    indexes=[{'columns': ['release_week', 'feature'], 'unique': true}]
) }}

with

tracks as (
    select * from {{ ref('dim_track') }}
),

albums as (
    select * from {{ ref('dim_album') }}
),

summaries as (
    select
        albums.release_week,
        features.feature_number,
        count(*)::integer as tracks,
        count(features.value)::integer as n,
        count(features.value) filter (where features.value_source = 'spotify')::integer as rows_spotify,
        count(features.value) filter (where features.value_source = 'reccobeats')::integer as rows_reccobeats,
        avg(features.value order by features.value) as mean,
        stddev_samp(features.value order by features.value) as stddev,
        percentile_cont(array[0.25, 0.5, 0.75]) within group (order by features.value) as quartiles
    from tracks
    inner join albums
        on tracks.album_id = albums.album_id
    cross join lateral {{ audio_feature_values('tracks') }} as features (feature_number, value, value_source)
    where albums.release_week is not null
    group by albums.release_week, features.feature_number
),

final as (
    select
        release_week,
        {{ audio_feature_name('feature_number') }} as feature,
        tracks,
        n,
        rows_spotify,
        rows_reccobeats,
        {{ rounded('mean') }} as mean,
        {{ rounded('stddev') }} as stddev,
        {{ rounded('quartiles[1]') }} as q1,
        {{ rounded('quartiles[2]') }} as median,
        {{ rounded('quartiles[3]') }} as q3
    from summaries
)

select * from final
