-- Compiling the statements takes longer than it saves, and what is sorted and hashed should fit into memory.
set jit = off;
set work_mem = '32MB';
-- How many keys an incremental model looks up is not known when its statement is planned. A loop over a loop that was
-- planned for ten rows does not end with fifty thousand; a hash join hardly minds.
set enable_nestloop = off;
-- What nobody waits for any more ends soon. Known to Postgres from version 14 on.
select set_config(name, '1s', false)
from pg_settings
where name = 'client_connection_check_interval'
