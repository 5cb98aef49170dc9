-- Whether the database says by itself what changes, as it does from migration 0011 on.
select to_regproc('ops.tell_listeners') is not null
