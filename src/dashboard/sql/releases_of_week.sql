-- $1 week, $2 and $3 parts of the artists' names and of the label, $4 type. $5 names are offered to choose from.
with releases as (
    select
        rank,
        artist_names,
        label,
        release_type,
        popularity,
        observed_on,
        ranked_by,
        popularity_coverage,
        $2::text is null or coalesce(strpos(ops.folded(artist_names), ops.folded($2)) > 0, false) as is_by_artist,
        $3::text is null or coalesce(strpos(ops.folded(label), ops.folded($3)) > 0, false) as is_on_label,
        $4::text is null or coalesce(release_type = $4, false) as is_of_type
    from trends.weekly_top_releases
    where release_week = $1
)

select
    count(*) as releases,
    count(popularity) as with_popularity,
    count(*) filter (where ranked_by = 'album_popularity') as by_album_popularity,
    count(*) filter (where ranked_by = 'list_position') as by_list_position,
    count(*) filter (where ranked_by = 'album_id') as by_nothing,
    min(popularity_coverage) as popularity_coverage,
    min(observed_on) as first_observed_on,
    max(observed_on) as last_observed_on,
    count(*) filter (where is_by_artist and is_on_label and is_of_type) as matching,
    count(popularity) filter (where is_by_artist and is_on_label and is_of_type) as matching_with_popularity,
    count(*) filter (where is_on_label and is_of_type) as matching_without_artist,
    count(*) filter (where is_by_artist and is_of_type) as matching_without_label,
    count(*) filter (where is_by_artist and is_on_label) as matching_without_type,
    coalesce(array_agg(distinct release_type) filter (where release_type is not null), '{}') as types,
    coalesce(
        (array_agg(distinct label) filter (where label is not null and rank <= $5))[:$5], '{}'
    ) as labels,
    coalesce(
        (array_agg(distinct artist_names) filter (where artist_names is not null and rank <= $5))[:$5], '{}'
    ) as artists
from releases
