{#- Why a column of an album is null; null where it is not. field: the name that Spotify gives the field. -#}
{% macro album_missing_reason(column, field) -%}
    case
        when albums.{{ column }} is not null then null
        when '{{ field }}' = any(albums.withheld_fields) then 'withheld by Spotify'
        else 'Spotify has none'
    end
{%- endmacro %}

{#- The same for a track, which may not have been asked for by itself. -#}
{% macro track_missing_reason(value, field) -%}
    case
        when {{ value }} is not null then null
        when details.track_id is null then 'no usable answer from Spotify'
        when details.details_source = 'album' then 'not asked yet, taken from the list of its album'
        when '{{ field }}' = any(details.withheld_fields) then 'withheld by Spotify'
        else 'Spotify has none'
    end
{%- endmacro %}
