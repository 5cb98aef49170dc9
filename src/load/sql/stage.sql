create temporary table if not exists staged_market_sets (like raw.market_sets) on commit delete rows;
create temporary table if not exists staged_audio_features (like raw.audio_features) on commit delete rows;
create temporary table if not exists staged_track_popularity (like raw.track_popularity) on commit delete rows;
create temporary table if not exists staged_artists (like raw.artists) on commit delete rows;
create temporary table if not exists staged_quarantine (
    item_type text not null,
    item_id text not null,
    endpoint text not null,
    reason text not null,
    first_retry interval,
    json text,
    run_id uuid not null,
    extracted_at timestamptz not null
) on commit delete rows;
