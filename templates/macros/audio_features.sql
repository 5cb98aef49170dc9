{#- The features of a row of core.dim_track as rows (feature_number, value); numbers sort fast. -#}
{% macro audio_feature_values(track) -%}
    (values
    {%- for feature in var('audio_features') %}
        ({{ loop.index }}, {{ track }}.{{ feature }}::double precision){% if not loop.last %},{% endif %}
    {%- endfor %}
    )
{%- endmacro %}

{#- The name that belongs to a feature_number. -#}
{% macro audio_feature_name(feature_number) -%}
    (array['{{ var('audio_features') | join("', '") }}'])[{{ feature_number }}]
{%- endmacro %}
