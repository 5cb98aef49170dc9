select ops.let_readers_read($1)
