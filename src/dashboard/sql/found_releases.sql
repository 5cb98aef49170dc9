-- Releases that are found, or one of whose artists is. $1: albums and artists, the best hit first, $2: how many
with

hits as (
    select
        hits.id,
        hits.place
    from unnest($1::text []) with ordinality as hits (id, place)
),

releases as (
    select
        id as album_id,
        place
    from hits
    union all
    select
        credits.album_id,
        hits.place
    from hits
    inner join core.album_artist as credits
        on hits.id = credits.artist_id
),

places as (
    select
        album_id,
        min(place) as place
    from releases
    group by album_id
)

select
    albums.album_id as id,
    albums.album_name as name,
    albums.artist_names as by,
    albums.total_tracks as tracks
from places
inner join core.dim_album as albums
    on places.album_id = albums.album_id
where
    exists (
        select 1
        from trends.popularity_trajectory as readings
        where readings.album_id = albums.album_id
    )
order by places.place, albums.earliest_release_date desc nulls last, albums.album_id
limit $2
