-- Of these ids the names. $1: album or artist, $2: ids
select
    album_id as id,
    album_name as name
from core.dim_album
where $1 = 'album' and album_id = any($2)
union all
select
    artist_id as id,
    artist_name as name
from core.dim_artist
where $1 = 'artist' and artist_id = any($2)
