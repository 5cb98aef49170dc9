-- $1: part of the name of the release or of its artists, $2: how many
select
    albums.album_id as id,
    albums.album_name as name,
    albums.artist_names as by,
    albums.total_tracks as tracks
from core.dim_album as albums
where
    (
        strpos(ops.folded(albums.album_name), ops.folded($1)) > 0
        or strpos(ops.folded(albums.artist_names), ops.folded($1)) > 0
    )
    and exists (
        select 1
        from trends.popularity_trajectory as readings
        where readings.album_id = albums.album_id
    )
order by ops.folded(albums.album_name) = ops.folded($1) desc nulls last, albums.earliest_release_date desc nulls last, albums.album_id
limit $2
