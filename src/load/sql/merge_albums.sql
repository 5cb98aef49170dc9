insert into raw.albums
select * from staged_albums
on conflict (album_id) do nothing
