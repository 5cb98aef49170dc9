insert into raw.track_popularity (track_id, observed_on, popularity, run_id, extracted_at)
select
    track_id,
    (extracted_at at time zone 'utc')::date,
    popularity,
    run_id,
    extracted_at
from staged_track_details
where popularity is not null
on conflict (track_id, observed_on) do nothing
