insert into ops.replays (replay_id, source, archive, runs, rows, version)
values ($1, $2, $3, $4, $5, $6)
