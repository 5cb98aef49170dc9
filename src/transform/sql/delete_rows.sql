delete from {{ target }}
where ctid in (select gone from pg_temp.firstpress_changes where gone is not null)
