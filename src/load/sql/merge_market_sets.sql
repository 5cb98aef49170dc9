insert into raw.market_sets
select * from staged_market_sets
on conflict (market_set_id) do nothing
