select max(finished_at) from ops.run_states where brought_data
