create temporary table rebuilt_albums (like raw.albums) on commit drop;
create temporary table rebuilt_album_tracks (like raw.album_tracks) on commit drop;
create temporary table rebuilt_track_details (like raw.track_details) on commit drop;
