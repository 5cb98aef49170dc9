{#-
    Whether a row is newer than all that this model was built from last. Only for incremental builds.

    The last hour is taken again, for clocks that disagree. A time that has not come yet is no mark of what was built,
    and its rows are taken again until it comes. The upper bound rules nothing out: between two bounds the planner
    expects few rows and takes the index.
-#}
{% macro is_new(updated_at) -%}
    {{ updated_at }} > (
        select coalesce(max(built.updated_at), '-infinity') - interval '1 hour'
        from {{ this }} as built
        where built.updated_at <= now()
    )
    and {{ updated_at }} <= 'infinity'
{%- endmacro %}

{#-
    Whether a key is among those of a query or CTE. As a join in meaning; but an array is known before the rows are
    read, so that each table, also one behind a view, is read by its index on the key.
-#}
{% macro is_among(key, keys) -%}
    {{ key }} = any(array(select {{ keys }}.{{ key.split('.') | last }} from {{ keys }}))
{%- endmacro %}

{#-
    The release weeks that have changed since this model was built last, for an incremental build of a model by week:
    weeks of albums that changed, and of all albums that hold a track that changed. A track may have moved from one of
    them to another as its home. Needs the CTEs albums, album_tracks and tracks.
-#}
{% macro changed_weeks() -%}
    select distinct release_week
    from albums
    where
        release_week is not null
        and album_id = any(array(
            select album_id from albums
            where {{ is_new('updated_at') }}
            union distinct
            select album_id from album_tracks
            where {{ is_new('updated_at') }}
            union distinct
            select album_id from album_tracks
            where track_id = any(array(
                select track_id from tracks
                where {{ is_new('updated_at') }}
            ))
        ))
{%- endmacro %}
