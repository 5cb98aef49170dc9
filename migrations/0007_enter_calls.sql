-- Calls are entered by one statement of its own: a process that is stopped in the middle of it leaves no transaction
-- open in which the next one would wait. One process at a time enters them, since what is left is seen only when the
-- other's calls are there: each statement of the function sees what was committed before it.
create function ops.enter_calls(
    wanted bigint,
    budget bigint,
    out calls bigint,
    out calls_left bigint,
    out frees_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    used bigint;
    first_minute timestamptz;
begin
    -- held until the end of the statement; the key spells "fpcalls"
    perform pg_advisory_xact_lock(x'667063616c6c73'::bigint);

    -- a minute counts until all of it is more than 24 hours old, so that no 24 hours hold more than the budget
    select
        coalesce(sum(made.calls), 0),
        min(made.minute)
    into used, first_minute
    from ops.calls_by_minute as made
    where made.minute > now() - interval '24 hours 1 minute';

    calls := case when budget is null then wanted else least(wanted, greatest(budget - used, 0)) end;
    -- greatest alone passes over the null of no budget
    calls_left := case when budget is not null then greatest(budget - used - calls, 0) end;
    frees_at := first_minute + interval '24 hours 1 minute';

    if calls > 0 then
        insert into ops.calls_by_minute as made (minute, calls)
        values (date_trunc('minute', now()), enter_calls.calls)
        on conflict (minute) do update
        set calls = made.calls + excluded.calls;
    end if;
end
$$;
comment on function ops.enter_calls(bigint, bigint) is
'Enters up to so many calls in ops.calls_by_minute, as far as a budget of calls in any 24 hours leaves them; null is no budget';
