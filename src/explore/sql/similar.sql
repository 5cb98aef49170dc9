{#-
    The releases that sound most like the album $1, at most $2. features: columns of core.dim_track. is_installed:
    whether pgvector's type is on the search path.
-#}
{%- macro vector(release) -%}
    array[{% for feature in features %}{{ release }}.{{ feature }}{% if not loop.last %}, {% endif %}{% endfor %}]::vector
{%- endmacro -%}
with

sounds as materialized (
    select
        places.album_id,
        {% for feature in features -%}
            avg(tracks.{{ feature }}) as {{ feature }},
        {% endfor -%}
        count(*) as tracks_with_features
    from core.album_track as places
    inner join core.dim_track as tracks
        on places.track_id = tracks.track_id
    where tracks.features_source is not null
    group by places.album_id
),

-- Sums of a feature that does not vary leave noise, which is no spread.
spreads as (
    select
        {% for feature in features -%}
            avg({{ feature }}) as {{ feature }}_mean,
            case when stddev_pop({{ feature }}) > 1e-9 then stddev_pop({{ feature }}) end
                as {{ feature }}_spread,
        {% endfor -%}
        count(*) as releases
    from sounds
),

-- A feature without a spread is 0 for all.
standardised as materialized (
    select
        sounds.album_id,
        {% for feature in features -%}
            case
                when spreads.{{ feature }}_spread is null then 0
                else (sounds.{{ feature }} - spreads.{{ feature }}_mean) / spreads.{{ feature }}_spread
            end as {{ feature }},
        {% endfor -%}
        sounds.tracks_with_features
    from sounds
    cross join spreads
),

-- A release without a mean that others have cannot be compared.
comparable as materialized (
    select * from standardised
    where
        {% for feature in features -%}
            {{ feature }} is not null
            {%- if not loop.last %} and {% endif -%}
        {% endfor %}
),

-- The last bits of a sum depend on the order of its rows.
nearest as (
    select
        others.album_id,
        others.tracks_with_features,
        round(
            sqrt(
                {% for feature in features -%}
                    (others.{{ feature }} - target.{{ feature }}) ^ 2
                    {%- if not loop.last %} + {% endif -%}
                {% endfor %}
            )::numeric,
            10
        )::double precision as distance
    from comparable as target
    inner join comparable as others
        on target.album_id <> others.album_id
    where target.album_id = $1
    {% if is_installed -%}
        -- Single precision may swap neighbours, and not much more.
        order by {{ vector('others') }} <-> {{ vector('target') }}
        limit $2 + 100
    {%- endif %}
)

select
    nearest.album_id,
    albums.album_name,
    albums.artist_names,
    albums.release_type,
    albums.release_date,
    nearest.tracks_with_features,
    nearest.distance,
    'https://open.spotify.com/album/' || nearest.album_id as spotify_url
from nearest
inner join core.dim_album as albums
    on nearest.album_id = albums.album_id
order by nearest.distance, nearest.album_id
limit $2
