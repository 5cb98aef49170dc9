-- $1 week, $2 and $3 parts of the artists' names and of the label, $4 type; $5 rows, after $6 others
select
    release_week,
    rank,
    album_id,
    album_name,
    artist_names,
    release_type,
    label,
    release_date,
    tracks,
    popularity,
    popularity_missing_reason,
    mean_track_popularity,
    tracks_with_popularity,
    observed_on,
    ranked_by
from trends.weekly_top_releases
where
    release_week = $1
    and ($2::text is null or strpos(ops.folded(artist_names), ops.folded($2)) > 0)
    and ($3::text is null or strpos(ops.folded(label), ops.folded($3)) > 0)
    and ($4::text is null or release_type = $4)
order by rank
limit $5
offset $6
