select
    track_id as id,
    null as album_id,
    source,
    json,
    null as markets,
    true as markets_withheld,
    run_id,
    extracted_at
from raw.audio_features
where json is not null
order by extracted_at desc
