select
    current_setting('server_version') as version,
    current_setting('server_version_num')::integer / 10000 as major,
    current_user::text as role,
    current_database()::text as database,
    current_setting('transaction_read_only')::boolean as is_read_only,
    pg_database_size(current_database()) as bytes,
    clock_timestamp() as clock
