-- A read-only session as firstpress_reader, where this user may be it; the role is null where not. From Postgres 16 on
-- a member may be kept from that, as the role's maker is.
select
    case
        when
            pg_has_role(
                to_regrole('firstpress_reader'),
                case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end
            )
            then set_config('role', 'firstpress_reader', false)
    end as role,
    set_config('default_transaction_read_only', 'on', false),
    set_config('statement_timeout', '10s', false)
