update ops.runs
set
    status = 'died',
    error = 'the process ended without a word; the next run went on from what it had loaded'
where status = 'running'
