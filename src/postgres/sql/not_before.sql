-- The later of what the latest run was told and what any command was told of an app: greatest passes over nulls.
select greatest(
    (
        select case when not_before > now() then not_before end
        from ops.runs
        order by started_at desc
        limit 1
    ),
    (select max(not_before) filter (where not_before > now()) from ops.spotify_apps)
)
