{{ config(
    unique_key='track_id',
    indexes=[
        {'columns': ['track_id', 'artist_id'], 'unique': true},
        {'columns': ['artist_id']},
        {'columns': ['updated_at']},
    ]
) }}

with

albums as not materialized (
    select * from {{ ref('stg_albums') }}
),

album_tracks as not materialized (
    select * from {{ ref('stg_album_tracks') }}
),

{% if is_incremental() -%}
    changed as (
        select track_id from album_tracks
        where {{ is_new('extracted_at') }}
        union distinct
        select album_tracks.track_id
        from albums
        inner join album_tracks
            on albums.album_id = album_tracks.album_id
        where {{ is_new('albums.extracted_at') }}
    ),
{%- endif %}

-- A track on two albums is credited twice, as a rule to the same artists.
credits as (
    select
        album_tracks.track_id,
        credited.artist_id,
        min(credited.position) as position,
        max(greatest(album_tracks.extracted_at, albums.extracted_at)) as updated_at
    from album_tracks
    inner join albums
        on album_tracks.album_id = albums.album_id
    cross join lateral unnest(album_tracks.artist_ids) with ordinality as credited (artist_id, position)
    where
        credited.artist_id is not null
        {% if is_incremental() -%}
            and {{ is_among('album_tracks.track_id', 'changed') }}
        {%- endif %}
    group by album_tracks.track_id, credited.artist_id
),

final as (
    select
        track_id,
        artist_id,
        row_number() over (
            partition by track_id order by position, artist_id collate "C"
        )::integer as position,
        max(updated_at) over (partition by track_id) as updated_at
    from credits
)

select * from final
