-- Postgres expects far more rows of these questions than come, and would compile them for longer than they take.
-- pg_catalog comes first on every search path, also on an empty one.
select
    set_config('search_path', $1, true),
    set_config('jit', 'off', true)
