-- Albums with their tracks, and of these all that is stored of those on no other album. The ledger knows them on.
with due as (
    select
        album_id,
        extracted_at
    from raw.albums
    where extracted_at >= $3 and extracted_at < $2
    order by extracted_at
    limit $4
),

ledger as (
    update ops.album_ledger
    set total_tracks = null
    where album_id in (select album_id from due)
),

albums as (
    delete from raw.albums
    where album_id in (select album_id from due)
    returning 1
),

sightings as (
    delete from raw.release_sightings
    where album_id in (select album_id from due)
    returning 1
),

album_tracks as (
    delete from raw.album_tracks
    where album_id in (select album_id from due)
    returning track_id
),

tracks as (
    select distinct track_id
    from album_tracks
    where not exists (
        select 1
        from raw.album_tracks as others
        where others.track_id = album_tracks.track_id and others.album_id not in (select album_id from due)
    )
),

details as (
    delete from raw.track_details
    where track_id in (select track_id from tracks)
    returning 1
),

features as (
    delete from raw.audio_features
    where track_id in (select track_id from tracks)
    returning 1
),

readings as (
    delete from raw.track_popularity
    where track_id in (select track_id from tracks)
    returning 1
),

-- what somebody dropped is not to be asked for on another album either
waiting as (
    delete from raw.quarantine
    where
        item_type in ('track', 'audio_features')
        and dropped_at is null
        and item_id in (select track_id from tracks)
    returning 1
),

recorded as (
    insert into ops.purged as purged (purge_id, retention, relation, before, rows)
    select $1, 'albums', relation, $2, rows
    from (
        select 'raw.albums' as relation, count(*) as rows from albums
        union all
        select 'raw.album_tracks', count(*) from album_tracks
        union all
        select 'raw.track_details', count(*) from details
        union all
        select 'raw.audio_features', count(*) from features
        union all
        select 'raw.track_popularity', count(*) from readings
        union all
        select 'raw.release_sightings', count(*) from sightings
        union all
        select 'raw.quarantine', count(*) from waiting
    ) as counts
    on conflict (purge_id, retention, relation) do update
    set rows = purged.rows + excluded.rows
)

select
    count(*) as rows,
    max(extracted_at) as reached
from due
