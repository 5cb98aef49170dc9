delete from ops.calls_by_minute
where minute < now() - interval '7 days'
