(
    select *
    from {{ other }}
    where {{ field }} = any(array(select {{ column }} from {{ coming }}))
) as looked_up
