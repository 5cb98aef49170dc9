-- As albums and tracks last gave it.
insert into raw.artists as stored
select distinct on (artist_id)
    artist_id,
    name,
    run_id,
    extracted_at
from staged_artists
where name is not null
order by artist_id, extracted_at desc, name
on conflict (artist_id) do update
set name = excluded.name
where stored.name is distinct from excluded.name
