-- A track of which somebody has no features is asked about again 1, 2, 4, 7 and 14 days later, four weeks in all.
insert into raw.audio_features
select
    track_id,
    source,
    danceability,
    energy,
    key,
    loudness,
    mode,
    speechiness,
    acousticness,
    instrumentalness,
    liveness,
    valence,
    tempo,
    duration_ms,
    time_signature,
    missing_reason,
    attempts,
    case when source is null and attempts > 0 then extracted_at + interval '1 day' else retry_at end,
    json,
    run_id,
    extracted_at
from staged_audio_features
on conflict (track_id) do update set
    source = excluded.source,
    danceability = excluded.danceability,
    energy = excluded.energy,
    key = excluded.key,
    loudness = excluded.loudness,
    mode = excluded.mode,
    speechiness = excluded.speechiness,
    acousticness = excluded.acousticness,
    instrumentalness = excluded.instrumentalness,
    liveness = excluded.liveness,
    valence = excluded.valence,
    tempo = excluded.tempo,
    duration_ms = excluded.duration_ms,
    time_signature = excluded.time_signature,
    missing_reason = excluded.missing_reason,
    attempts = raw.audio_features.attempts + excluded.attempts,
    retry_at = case
        when excluded.attempts = 0 then excluded.retry_at
        when excluded.source is null
            then excluded.extracted_at + interval '1 day' * (array[1, 2, 4, 7, 14])[raw.audio_features.attempts + 1]
    end,
    json = excluded.json,
    run_id = excluded.run_id,
    extracted_at = excluded.extracted_at
where raw.audio_features.source is null
