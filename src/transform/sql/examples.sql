{#- The first rows that come to a table and go from it. -#}
select
    (
        select coalesce(jsonb_agg(to_jsonb(coming)), '[]')
        from (
            select *
            from {{ rows }}
            {%- if changes %}
            where ctid in (select come from {{ changes }} where come is not null limit {{ shown }})
            {%- else %}
            limit {{ shown }}
            {%- endif %}
        ) as coming
    ) as come,
    (
        {%- if changes %}
        select coalesce(jsonb_agg(to_jsonb(going)), '[]')
        from (
            select *
            from {{ target }}
            where ctid in (select gone from {{ changes }} where gone is not null limit {{ shown }})
        ) as going
        {%- else %}
        select '[]'::jsonb
        {%- endif %}
    ) as gone
