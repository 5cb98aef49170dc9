-- Whoever waits for a lock holds up all that come after it: better to step back and try again.
set local lock_timeout = '2s'
