-- The table is found by its week, which the album names.
select
    places.release_week,
    places.rank,
    (
        select count(*) from trends.weekly_top_releases as others
        where others.release_week = places.release_week
    ) as releases,
    places.popularity,
    places.popularity_missing_reason,
    places.mean_track_popularity,
    places.tracks,
    places.tracks_with_popularity,
    places.observed_on,
    places.ranked_by,
    places.popularity_coverage
from core.dim_album as albums
inner join trends.weekly_top_releases as places
    on albums.release_week = places.release_week and albums.album_id = places.album_id
where albums.album_id = $1
