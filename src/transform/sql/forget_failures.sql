delete from ops.check_failures
where check_name = any($1)
