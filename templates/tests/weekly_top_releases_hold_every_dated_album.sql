-- Albums that are ranked in another week than theirs, in none, or without being stored. Incremental builds
-- assume that no stored album goes or gets another date: after corrections of raw rows, use --full-refresh.
with

ranked as (
    select * from {{ ref('weekly_top_releases') }}
),

albums as (
    select * from {{ ref('dim_album') }}
)

select
    albums.album_id,
    albums.release_week,
    ranked.album_id as ranked_album_id,
    ranked.release_week as ranked_in
from albums
full join ranked
    on albums.album_id = ranked.album_id
where albums.release_week is distinct from ranked.release_week
