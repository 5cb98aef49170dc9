-- A read-only session as firstpress_reader, where this user may be it.
select
    set_config('default_transaction_read_only', 'on', false),
    set_config('statement_timeout', '10s', false),
    case
        when to_regrole('firstpress_reader') is not null and pg_has_role(current_user, 'firstpress_reader', 'member')
            then set_config('role', 'firstpress_reader', false)
    end as role
