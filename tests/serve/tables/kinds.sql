{{ config(schema='trends', materialized='table', indexes=[{'columns': ['id'], 'unique': true}]) }}
select
    id,
    (id * 7919 % 5)::smallint as small,
    nullif(id % 4, 0)::bigint as big,
    nullif(id % 5, 0) / 10.0::double precision as part,
    (id % 3)::numeric / 3 as exact,
    nullif(array['=1+1', 'Ünder_score', '100%', 'a,"b"', E'two\nlines', '@x', '', 'under.score'], null)[id % 9] as word,
    date '2026-11-01' + nullif(id % 6, 0) as day,
    timestamptz '2026-11-01 12:00:00.5+00' + nullif(id % 7, 0) * interval '1 hour' as moment,
    nullif(id % 3, 0) = 1 as flag,
    array[id, null] as list,
    case when id % 10 = 0 then 'NaN'::real else 0.1 * id end as "odd ""name"" ; drop table trends.alike; --",
    id as "sort.gte"
from generate_series(1, 60) as id
