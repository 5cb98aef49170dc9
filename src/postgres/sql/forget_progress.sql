delete from ops.run_progress
