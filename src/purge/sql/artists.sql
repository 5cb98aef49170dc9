-- Artists whom no album and no track names any more.
with credited as (
    select unnest(artist_ids) as artist_id from raw.albums
    union
    select unnest(artist_ids) from raw.album_tracks
    union
    select unnest(artist_ids) from raw.track_details
),

due as (
    select
        artists.artist_id,
        artists.extracted_at
    from raw.artists as artists
    where
        artists.extracted_at >= $3
        and not exists (select 1 from credited where credited.artist_id = artists.artist_id)
    order by artists.extracted_at
    limit $4
),

gone as (
    delete from raw.artists
    where artist_id in (select artist_id from due)
    returning 1
),

recorded as (
    insert into ops.purged as purged (purge_id, retention, relation, before, rows)
    select $1, 'albums', 'raw.artists', $2, count(*) from gone
    on conflict (purge_id, retention, relation) do update
    set rows = purged.rows + excluded.rows
)

select
    count(*) as rows,
    max(extracted_at) as reached
from due
