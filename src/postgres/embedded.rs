//! A Postgres of firstpress's own.
