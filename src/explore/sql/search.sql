{#-
    Names like $1 among the kinds in the array $2, at most $3. is_installed: whether pg_trgm's functions are on the
    search path.
-#}
with

names as (
    select
        'album' as type,
        album_id as id,
        album_name as name,
        artist_names,
        release_date
    from core.dim_album
    where 'album' = any($2)
    union all
    select
        'artist' as type,
        artist_id as id,
        artist_name as name,
        artist_name as artist_names,
        null as release_date
    from core.dim_artist
    where 'artist' = any($2)
    union all
    select
        'track' as type,
        track_id as id,
        track_name as name,
        artist_names,
        null as release_date
    from core.dim_track
    where 'track' = any($2)
    union all
    select
        'asked' as type,
        null as id,
        $1 as name,
        null as artist_names,
        null as release_date
),

-- What is asked is folded as the names are. Only letters beyond ASCII have marks to lose.
folded as materialized (
    select
        *,
        case
            when octet_length(name) = char_length(name) then ops.folded(name)
            else
                translate(
                    ops.folded(regexp_replace(normalize(name, nfkd), U&'[\0300-\036F]', '', 'g')),
                    'łøđıß',
                    'lodis'
                )
        end as folded_name
    from names
),

asked as materialized (
    select
        folded.folded_name as text,
        array(
            select words.word
            from regexp_split_to_table(folded.folded_name, '[[:space:][:punct:]]+') as words (word)
            where words.word <> ''
        ) as words
    from folded
    where folded.type = 'asked'
),

-- Blanks, marks and wildcards part the words, so that a word is a pattern of itself.
patterns as (
    select array_agg('%' || words.word || '%') as patterns
    from asked
    cross join lateral unnest(asked.words) as words (word)
),

contained as materialized (
    select
        folded.*,
        folded.folded_name = asked.text as is_exact,
        (1 + least(char_length(asked.text)::double precision / nullif(char_length(folded.folded_name), 0), 1)) / 2
            as score
    from folded
    cross join asked
    where
        folded.type <> 'asked'
        and asked.text <> ''
        and (
            strpos(folded.folded_name, asked.text) > 0
            or folded.folded_name like all ((select patterns.patterns from patterns)::text [])
        )
),

{% if is_installed -%}
    alike as (
        select
            folded.type,
            folded.id,
            folded.name,
            folded.artist_names,
            folded.release_date,
            (
                word_similarity(asked.text, folded.folded_name)
                + similarity(asked.text, folded.folded_name)
            )::double precision / 2 as score
        from folded
        cross join asked
        where
            (select count(*) from contained) < $3
            and folded.type <> 'asked'
            and word_similarity(asked.text, folded.folded_name) >= 0.4
    ),
{%- else -%}
    -- Three letters at a time, with two blanks before a word and one after it.
    trigrams as materialized (
        select distinct substr(padded.word, places.start, 3) as trigram
        from asked
        cross join lateral unnest(asked.words) as words (word)
        cross join lateral (select '  ' || words.word || ' ' as word) as padded
        cross join lateral generate_series(1, char_length(padded.word) - 2) as places (start)
    ),

    padded as materialized (
        select
            *,
            '  ' || replace(translate(folded_name, '.,:;!?()[]"''-/&', '               '), ' ', '  ') || ' '
                as padded_name
        from folded
        where (select count(*) from contained) < $3 and type <> 'asked'
    ),

    shared as (
        select
            padded.type,
            padded.id,
            count(*)::double precision as trigrams
        from padded
        inner join trigrams
            on strpos(padded.padded_name, trigrams.trigram) > 0
        group by padded.type, padded.id
        having count(*) >= 0.4 * (select count(*) from trigrams)
    ),

    -- A name of n letters has about n + 1 trigrams: the share of all, and of those of what is asked.
    alike as (
        select
            padded.type,
            padded.id,
            padded.name,
            padded.artist_names,
            padded.release_date,
            (
                shared.trigrams / asked.trigrams
                + shared.trigrams
                / greatest(
                    asked.trigrams + char_length(padded.folded_name) + 1 - shared.trigrams,
                    shared.trigrams
                )
            ) / 2 as score
        from shared
        inner join padded
            on shared.type = padded.type and shared.id = padded.id
        cross join (select count(*) as trigrams from trigrams) as asked
    ),
{%- endif %}

found as (
    select
        type,
        id,
        name,
        artist_names,
        release_date,
        is_exact,
        score
    from contained
    union all
    select
        type,
        id,
        name,
        artist_names,
        release_date,
        false as is_exact,
        score
    from alike
    where (type, id) not in (select contained.type, contained.id from contained)
)

select
    type,
    id,
    name,
    artist_names,
    release_date,
    is_exact,
    score,
    'https://open.spotify.com/' || type || '/' || id as spotify_url
from found
order by is_exact desc, score desc, type asc, name asc, id asc
limit $3
