{{ config(
    unique_key=['track_id', 'observed_on'],
    indexes=[
        {'columns': ['track_id', 'observed_on'], 'unique': true},
        {'columns': ['updated_at']},
    ]
) }}

with

readings as not materialized (
    select * from {{ ref('stg_track_popularity') }}
),

album_tracks as not materialized (
    select * from {{ ref('album_track') }}
),

{% if is_incremental() -%}
    new_tracks as (
        select track_id from album_tracks
        where {{ is_new('updated_at') }}
    ),
{%- endif %}

changed as (
    select * from readings
    {% if is_incremental() -%}
        where
            ({{ is_new('extracted_at') }})
            or {{ is_among('track_id', 'new_tracks') }}
    {%- endif %}
),

final as (
    select
        changed.track_id,
        changed.observed_on,
        changed.popularity,
        changed.extracted_at as updated_at
    from changed
    where changed.track_id in (
        select album_tracks.track_id from album_tracks
        {% if is_incremental() -%}
            where {{ is_among('album_tracks.track_id', 'changed') }}
        {%- endif %}
    )
)

select * from final
