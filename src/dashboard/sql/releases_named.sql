-- $1: part of the name of the release or of its artists, escaped for LIKE, $2: how many
select
    albums.album_id as id,
    albums.album_name as name,
    albums.artist_names as by,
    albums.total_tracks as tracks
from core.dim_album as albums
where
    (albums.album_name ilike '%' || $1 || '%' or albums.artist_names ilike '%' || $1 || '%')
    and exists (
        select 1
        from trends.popularity_trajectory as readings
        where readings.album_id = albums.album_id
    )
order by lower(albums.album_name) = lower($1) desc, albums.earliest_release_date desc nulls last, albums.album_id
limit $2
