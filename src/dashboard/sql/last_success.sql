select max(finished_at) from ops.runs where status = 'succeeded'
