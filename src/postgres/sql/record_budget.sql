update ops.runs set daily_budget = $2 where run_id = $1
