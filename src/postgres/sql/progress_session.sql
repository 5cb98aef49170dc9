-- Progress waits for nobody, and what of it is lost with the server is no loss.
select
    set_config('statement_timeout', '1s', false),
    set_config('lock_timeout', '200ms', false),
    set_config('synchronous_commit', 'off', false)
