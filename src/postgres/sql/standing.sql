-- As of the end of a run. Runs that were refused have no row, and another run that is at work has not ended.
with ended as (
    select
        status,
        row_number() over (order by started_at desc) as nth
    from ops.runs
    where status <> 'running'
)

select
    (select count(*) from ops.waiting_albums) as albums_waiting,
    (
        select extract(epoch from clock_timestamp() - max(loaded_at))::double precision from ops.album_ledger
    ) as freshness_seconds,
    (
        select coalesce(min(nth) - 1, (select count(*) from ended))
        from ended
        where status not in ('postponed', 'interrupted')
    ) as postponed_in_a_row
