{#- dbt's way to count: each row of the test's own select is one failure. -#}
with bad_rows as materialized (
{{ body }}
)

select
    (select count(*) from bad_rows) as failures,
    (
        select coalesce(jsonb_agg(to_jsonb(first_row)), '[]')
        from (select * from bad_rows limit {{ kept }}) as first_row
    ) as first_rows
