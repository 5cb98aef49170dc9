with today as (select (now() at time zone 'utc')::date as utc_date),

due as (
    select album_tracks.track_id
    from raw.albums as albums
    inner join raw.album_tracks as album_tracks on albums.album_id = album_tracks.album_id
    inner join raw.track_details as track_details on album_tracks.track_id = track_details.track_id
    cross join today
    where
        albums.released_on > today.utc_date - $1::integer
        -- where Spotify withholds popularity there is nothing to read
        and track_details.popularity is not null
        and not exists (
            select 1
            from raw.track_popularity as readings
            where readings.track_id = album_tracks.track_id and readings.observed_on = today.utc_date
        )
        and not exists (
            select 1
            from raw.quarantine as waiting
            where
                waiting.item_type = 'track'
                and waiting.item_id = album_tracks.track_id
                and coalesce(waiting.retry_at, 'infinity') > now()
        )
    union
    select item_id
    from raw.quarantine
    where item_type = 'track' and retry_at <= now()
)

select due.track_id
from due
left join raw.track_details as track_details on due.track_id = track_details.track_id
order by track_details.extracted_at nulls first, due.track_id
