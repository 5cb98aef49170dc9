{#- A number that looks random, at least 0 and less than 1, and is always the same for the same text. -#}
{% macro pseudo_random(text) -%}
    ('x' || left(md5({{ text }}), 8))::bit(32)::bigint / 4294967296.0::double precision
{%- endmacro %}
