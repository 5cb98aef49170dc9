insert into raw.album_tracks
select * from staged_album_tracks
on conflict (album_id, track_id) do nothing
