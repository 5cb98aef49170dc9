//! The database: connecting, a server of firstpress's own, the lock, the ledgers, COPY.

#[cfg(feature = "embedded-postgres")]
pub mod embedded;
