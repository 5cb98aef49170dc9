"""Reads an archive with DuckDB and compares what the latest version of each row is with the tables of the database.

Usage: archive.py DIRECTORY DATABASE_URL
"""

import glob
import json
import sys

import duckdb
import psycopg2

KEYS = {
    "raw.albums": ["album_id"],
    "raw.album_tracks": ["album_id", "track_id"],
    "raw.track_details": ["track_id"],
    "raw.audio_features": ["track_id"],
    "raw.artists": ["artist_id"],
    "raw.track_popularity": ["track_id", "observed_on"],
    "raw.release_sightings": ["run_id", "album_id"],
    "raw.market_sets": ["market_set_id"],
}
# what another reader must find without a hint
TYPES = {
    "text": "VARCHAR",
    "uuid": "VARCHAR",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "double precision": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp with time zone": "TIMESTAMP WITH TIME ZONE",
    "ARRAY": "VARCHAR[]",
}


def main(directory, url):
    manifests = [json.load(open(path)) for path in glob.glob(f"{directory}/manifests/*/*.json")]
    files = [file for manifest in manifests for file in manifest["files"]]
    for file in files:
        count = duckdb.sql(f"select count(*) from read_parquet('{directory}/{file['path']}')").fetchall()[0][0]
        assert count == file["rows"], file
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        for table, key in KEYS.items():
            compare(directory, cursor, table, key)


def compare(directory, cursor, table, key):
    schema, name = table.split(".")
    cursor.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = %s and table_name = %s order by ordinal_position",
        (schema, name),
    )
    columns = cursor.fetchall()
    source = f"read_parquet('{directory}/{schema}/{name}/*/*.parquet', filename = true)"
    found = dict(duckdb.sql(f"select column_name, column_type from (describe select * from {source})").fetchall())
    for column, data_type in columns:
        assert found[column] == TYPES[data_type], (table, column, data_type, found[column])
    listed = ", ".join(column for column, _ in columns)
    latest = (
        f"select {listed} from {source}"
        f" qualify row_number() over (partition by {', '.join(key)} order by filename desc) = 1 order by {', '.join(key)}"
    )
    # the array of a Postgres query is a list, its uuid a text
    wanted = ", ".join(f"{column}::text" if data_type == "uuid" else column for column, data_type in columns)
    order = ", ".join(f'{column}::text collate "C"' if column != "market_set_id" else column for column in key)
    cursor.execute(f"select {wanted} from {table} order by {order}")
    expected = cursor.fetchall()
    rows = duckdb.sql(latest).fetchall()
    assert len(rows) == len(expected) > 0, (table, len(rows), len(expected))
    for ours, theirs in zip(expected, rows):
        assert ours == theirs, (table, ours, theirs)
    print(f"{table}: {len(rows)} rows, {len(columns)} columns")


main(*sys.argv[1:])
