{{ config(
    unique_key='release_week',
    indexes=[
        {'columns': ['release_week', 'feature'], 'unique': true},
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

-- A week of re-issues alone has no track of its own, and a row of nulls stands for that here.
summaries as (
    select
        dated_albums.release_week,
        features.feature_number,
        count(new_tracks.track_id)::integer as tracks,
        count(features.value)::integer as n,
        count(features.value) filter (where features.value_source = 'spotify')::integer as rows_spotify,
        count(features.value) filter (where features.value_source = 'reccobeats')::integer as rows_reccobeats,
        avg(features.value order by features.value) as mean,
        stddev_samp(features.value order by features.value) as stddev,
        percentile_cont(array[0.25, 0.5, 0.75]) within group (order by features.value) as quartiles,
        max(greatest(dated_albums.updated_at, new_tracks.updated_at)) as updated_at
    from dated_albums
    left join new_tracks
        on dated_albums.album_id = new_tracks.album_id
    cross join lateral {{ audio_feature_values('new_tracks') }}
    group by dated_albums.release_week, features.feature_number
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
        {{ rounded('quartiles[3]') }} as q3,
        updated_at
    from summaries
)

select * from final
