select api_url from ops.runs
order by started_at desc
limit 1
