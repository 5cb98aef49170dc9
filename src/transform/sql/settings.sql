-- Compiling the statements takes longer than it saves, and what is sorted and hashed should fit into memory.
set jit = off;
set work_mem = '32MB'
