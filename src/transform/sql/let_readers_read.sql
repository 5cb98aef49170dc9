-- The schemas of what is published, before anything is made in them.
select ops.let_readers_read($1)
