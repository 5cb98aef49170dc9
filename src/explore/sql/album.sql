select
    album_id,
    album_name,
    artist_names,
    release_type,
    label,
    label_missing_reason,
    upc,
    upc_missing_reason,
    total_tracks,
    release_date,
    release_week,
    release_date_text,
    release_date_precision,
    album_popularity,
    album_popularity_missing_reason,
    list_position,
    extracted_at,
    'https://open.spotify.com/album/' || album_id as spotify_url
from core.dim_album
where album_id = $1
