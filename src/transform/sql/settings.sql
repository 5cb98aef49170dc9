-- Compiling the statements takes longer than it saves, and what is sorted and hashed should fit into memory.
set jit = off;
set work_mem = '32MB';
-- What nobody waits for any more ends soon. Known to Postgres from version 14 on.
select set_config(name, '1s', false)
from pg_settings
where name = 'client_connection_check_interval'
