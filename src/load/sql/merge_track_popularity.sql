insert into raw.track_popularity
select * from staged_track_popularity
on conflict (track_id, observed_on) do nothing
