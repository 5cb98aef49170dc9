//! The database: connecting, a server of firstpress's own, the run lock, the ledgers, COPY.

pub mod albums;
pub mod apps;
pub mod call_ledger;
pub mod copy;
pub mod drift;
#[cfg(feature = "embedded-postgres")]
pub mod embedded;
pub mod lock;
mod rds;
pub mod runs;

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};

pub use rds::{connect_to_rds, signer};

use crate::aws::AwsError;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The loader, the run lock, and a look-up for each call in flight.
const CONNECTIONS: u32 = 8;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Why the database cannot be used. No text holds a password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Nobody answers there, or it refuses this user.
    #[error("cannot connect to Postgres at {host}:{port}, database {database}: {source}")]
    Unreachable {
        /// Host name, address or socket directory.
        host: String,
        /// TCP port.
        port: u16,
        /// Database name.
        database: String,
        /// What the network or the server said.
        source: sqlx::Error,
    },
    /// RDS gets no token in place of a password.
    #[error("cannot log in to RDS by IAM: {0}")]
    NoToken(#[source] AwsError),
    /// RDS does not take the token.
    #[error(
        "RDS at {host} does not let {user} in by IAM: allow rds-db:connect for that user to the role whose key signs, \
         grant rds_iam to the user, and name the host as RDS does ({source})"
    )]
    TokenRefused {
        /// Host name.
        host: String,
        /// The database's user.
        user: String,
        /// What the server said.
        source: sqlx::Error,
    },
    /// Somebody answers at RDS's address whom nobody vouches for.
    #[error(
        "the certificate of RDS at {host} is not trusted: name a file with RDS's CAs as sslrootcert in DATABASE_URL \
         (AWS publishes them as global-bundle.pem): {source}"
    )]
    Untrusted {
        /// Host name.
        host: String,
        /// What is wrong with the certificate.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error(
        "cannot bring the database schema up to date: {0}. If another version of firstpress made it, use that \
         version, or an empty database"
    )]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A statement failed, or the server went away.
    #[error("the database failed: {0}")]
    Failed(#[from] sqlx::Error),
}

/// Connects, waiting ten seconds at most.
///
/// # Errors
/// [`DatabaseError::Unreachable`] names host and port.
pub async fn connect(options: PgConnectOptions) -> Result<PgPool, DatabaseError> {
    let unreachable = |source| DatabaseError::Unreachable {
        host: options
            .get_socket()
            .map_or(options.get_host().to_owned(), |path| path.display().to_string()),
        port: options.get_port(),
        database: options
            .get_database()
            .unwrap_or_else(|| options.get_username())
            .to_owned(),
        source,
    };
    let options = options
        .clone()
        .application_name("firstpress")
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECT_TIMEOUT);
    // the pool would try again for the whole timeout and not tell why it failed
    let first = async { options.connect().await?.close().await };
    match tokio::time::timeout(CONNECT_TIMEOUT, first).await {
        Err(_) => Err(unreachable(sqlx::Error::PoolTimedOut)),
        Ok(Err(error)) => Err(unreachable(error)),
        Ok(Ok(())) => Ok(pool.connect_lazy_with(options)),
    }
}

/// Brings the schema up to date. Returns the number of migrations applied.
///
/// # Errors
/// [`DatabaseError::Migration`], also when the database is newer than this binary.
pub async fn migrate(db: &PgPool) -> Result<usize, DatabaseError> {
    let before = applied(db).await;
    MIGRATIONS.run(db).await?;
    Ok(MIGRATIONS.iter().count().saturating_sub(before))
}

async fn applied(db: &PgPool) -> usize {
    let count = sqlx::query_scalar::<_, i64>(include_str!("sql/applied_migrations.sql"));
    // before the first migration there is no table to count in
    count
        .fetch_one(db)
        .await
        .ok()
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(0)
}
