-- held until the end of the transaction; the key spells "fpcalls"
select pg_advisory_xact_lock(x'667063616c6c73'::bigint)
