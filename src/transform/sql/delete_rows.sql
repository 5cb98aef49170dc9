delete from {{ target }}
where ctid in (select gone from {{ changes }} where gone is not null)
