-- As if nothing had run for ten days.
update ops.run_steps
set
    started_at = started_at - interval '10 days',
    finished_at = finished_at - interval '10 days';
update ops.runs
set
    started_at = started_at - interval '10 days',
    finished_at = finished_at - interval '10 days';
update ops.published set published_at = published_at - interval '10 days';
