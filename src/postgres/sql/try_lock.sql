-- the key spells "fpress"
select pg_try_advisory_lock(x'667072657373'::bigint)
