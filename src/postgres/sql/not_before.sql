select case when not_before > now() then not_before end
from ops.runs
order by started_at desc
limit 1
