-- An item is tried again after the first wait, then after twice as long each time, up to four weeks.
with items as (
    select distinct on (staged.item_type, staged.item_id)
        staged.*,
        coalesce(known.attempts, 0) + 1 as attempt
    from staged_quarantine as staged
    left join raw.quarantine as known on staged.item_type = known.item_type and staged.item_id = known.item_id
    order by staged.item_type, staged.item_id
)

insert into raw.quarantine (
    item_type, item_id, endpoint, reason, attempts, retry_at, json, run_id, extracted_at
)
select
    item_type,
    item_id,
    endpoint,
    reason,
    attempt,
    case
        when first_retry is not null
            then extracted_at + least(first_retry * power(2, least(attempt - 1, 10)), interval '28 days')
    end,
    json,
    run_id,
    extracted_at
from items
on conflict (item_type, item_id) do update set
    endpoint = excluded.endpoint,
    reason = excluded.reason,
    attempts = excluded.attempts,
    retry_at = excluded.retry_at,
    json = excluded.json,
    run_id = excluded.run_id,
    extracted_at = excluded.extracted_at
where raw.quarantine.dropped_at is null
