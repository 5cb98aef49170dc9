insert into raw.artists
select distinct on (artist_id) * from staged_artists
order by artist_id, extracted_at desc, name
on conflict (artist_id) do update
set name = excluded.name, run_id = excluded.run_id, extracted_at = excluded.extracted_at
where excluded.name is not null and raw.artists.name is distinct from excluded.name
