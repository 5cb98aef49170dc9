-- A read-only session as firstpress_reader, where this user may be it; the role is null where not.
select
    case
        when to_regrole('firstpress_reader') is not null and pg_has_role(current_user, 'firstpress_reader', 'member')
            then set_config('role', 'firstpress_reader', false)
    end as role,
    set_config('default_transaction_read_only', 'on', false),
    set_config('statement_timeout', '10s', false)
