-- Whoever waits for a lock holds up all that come after it: better to step back and try again. Shorter than the second
-- after which Postgres looks for a deadlock, so that it is the migration that gives way and not a run.
set lock_timeout = '500ms'
