{#-
    The features of a row of core.dim_track as rows of features (feature_number, value, value_source); numbers
    sort fast.
    The duration is Spotify's own, whoever gave the others.
-#}
{% macro audio_feature_values(track) -%}
    (values
    {%- for feature in var('audio_features') %}
        (
            {{ loop.index }},
            {{ track }}.{{ feature }}::double precision,
            {% if feature == 'duration_ms' %}'spotify'{% else %}{{ track }}.features_source{% endif %}
        ){% if not loop.last %},{% endif %}
    {%- endfor %}
    ) as features (feature_number, value, value_source)
{%- endmacro %}

{#- The name that belongs to a feature_number. -#}
{% macro audio_feature_name(feature_number) -%}
    (array['{{ var('audio_features') | join("', '") }}'])[{{ feature_number }}]
{%- endmacro %}
