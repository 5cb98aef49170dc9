select daily_budget from ops.runs order by started_at desc limit 1
