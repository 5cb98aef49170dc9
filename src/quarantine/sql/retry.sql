with chosen as (
    select
        item_type,
        item_id
    from unnest($1::text[], $2::text[]) as chosen (item_type, item_id)
),

-- what was met in a list that could not be read was never entered, and a run loads only what is
entered as (
    insert into ops.album_ledger (album_id, discovered_run_id)
    select
        quarantine.item_id,
        quarantine.run_id
    from raw.quarantine as quarantine
    inner join chosen on quarantine.item_type = chosen.item_type and quarantine.item_id = chosen.item_id
    where quarantine.item_type = 'album'
    on conflict (album_id) do nothing
),

audio_features_due as (
    update raw.audio_features as audio_features
    set retry_at = now()
    from chosen
    where
        chosen.item_type = 'audio_features'
        and audio_features.track_id = chosen.item_id
        and audio_features.source is null
)

update raw.quarantine as quarantine
set
    retry_at = case when quarantine.item_type <> 'audio_features' then now() end,
    dropped_at = null
from chosen
where quarantine.item_type = chosen.item_type and quarantine.item_id = chosen.item_id
