"""Compares the published tables of two databases, row for row.

    python tests/models/compare.py postgresql://user@host/built-by-firstpress postgresql://user@host/built-by-dbt

Every table of core and trends must be in both, with the same columns, types, keys and rows; numbers must agree to
1e-9. Columns that are named behind the databases, such as times of loading, need not agree. Needs psycopg2. Exits 1 and prints what differs.
"""

import math
import sys

import psycopg2
from psycopg2 import sql

SCHEMAS = ("core", "trends")
TOLERANCE = 1e-9


def main(first_url, second_url, *left_out):
    with psycopg2.connect(first_url) as first, psycopg2.connect(second_url) as second:
        tables = tables_of(first)
        differences = unlike("the tables", tables, tables_of(second))
        for table in tables if not differences else []:
            differences += compare(table, first, second, left_out)
    if not tables:
        differences = ["the first database has no tables to compare"]
    print("\n".join(differences[:50]) or f"all {len(tables)} tables agree")
    return 1 if differences else 0


def tables_of(connection):
    return query(
        connection,
        "select schemaname, tablename from pg_tables where schemaname in %s order by schemaname, tablename",
        [SCHEMAS],
    )


def compare(table, first, second, left_out):
    """What differs between the two versions of one table, a line each."""
    name = ".".join(table)
    differences = unlike(f"the columns of {name}", columns_of(first, table), columns_of(second, table))
    differences = differences or unlike(f"the key of {name}", key_of(first, table), key_of(second, table))
    if differences:
        return differences
    key = key_of(first, table)
    compared = [column for column, _ in columns_of(first, table) if column not in left_out]
    ours, theirs = rows_of(first, table, key, compared), rows_of(second, table, key, compared)
    print(f"{name}: {len(ours)} rows by {', '.join(key)}")
    return [
        f"{name} {row_key}: {ours.get(row_key)} | {theirs.get(row_key)}"
        for row_key in sorted(ours.keys() | theirs.keys(), key=str)
        if not same_row(ours.get(row_key), theirs.get(row_key))
    ]


def unlike(what, ours, theirs):
    return [] if ours == theirs else [f"{what} differ: {ours} | {theirs}"]


def columns_of(connection, table):
    """Names and types, in the table's order."""
    return query(
        connection,
        """
        select attname, format_type(atttypid, atttypmod)
        from pg_attribute
        where attrelid = format('%%I.%%I', %s, %s)::regclass and attnum > 0 and not attisdropped
        order by attnum
        """,
        table,
    )


def key_of(connection, table):
    """The columns of the table's unique index."""
    found = query(
        connection,
        """
        select attribute.attname
        from pg_index as key
        cross join unnest(key.indkey) with ordinality as part (attnum, position)
        inner join pg_attribute as attribute
            on key.indrelid = attribute.attrelid and part.attnum = attribute.attnum
        where key.indisunique and key.indrelid = format('%%I.%%I', %s, %s)::regclass
        order by part.position
        """,
        table,
    )
    return [column for (column,) in found]


def rows_of(connection, table, key, columns):
    """These columns of the table's rows, by their key."""
    select = sql.SQL("select {} from {}.{}").format(
        sql.SQL(", ").join(map(sql.Identifier, [*key, *columns])), *map(sql.Identifier, table)
    )
    return {row[: len(key)]: row[len(key) :] for row in query(connection, select)}


def same_row(ours, theirs):
    return ours is not None and theirs is not None and all(map(same_value, ours, theirs))


def same_value(ours, theirs):
    if isinstance(ours, float) and isinstance(theirs, float):
        both_nan = math.isnan(ours) and math.isnan(theirs)
        return both_nan or math.isclose(ours, theirs, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return ours == theirs


def query(connection, statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
