select
    credits.artist_id,
    artists.artist_name,
    'https://open.spotify.com/artist/' || credits.artist_id as spotify_url
from core.album_artist as credits
inner join core.dim_artist as artists
    on credits.artist_id = artists.artist_id
where credits.album_id = $1
order by credits.position
