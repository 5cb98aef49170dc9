insert into raw.track_details
select * from staged_track_details
on conflict (track_id) do nothing
