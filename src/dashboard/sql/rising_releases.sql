-- $1: how many. Collections of old tracks start high for another reason, so they come last.
select album_id
from trends.release_momentum
order by
    own_tracks > 0 desc,
    gain_percentile desc nulls last,
    gain_per_week desc nulls last,
    popularity desc,
    album_id
limit $1
