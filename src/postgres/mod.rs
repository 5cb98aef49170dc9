//! The database: connecting, a server of firstpress's own, the run lock, the ledgers, COPY.

pub mod albums;
pub mod apps;
pub mod call_ledger;
pub mod copy;
pub mod drift;
#[cfg(feature = "embedded-postgres")]
pub mod embedded;
pub mod lock;
mod migrations;
pub mod progress;
mod rds;
pub mod runs;

use std::io;
use std::sync::Once;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};

pub use rds::{connect_to_rds, signer};

use crate::aws::AwsError;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Each connection would tell it again.
static NO_READER: Once = Once::new();
/// The loader, the run lock, and a look-up for each call in flight.
const CONNECTIONS: u32 = 8;

pub use migrations::{MIGRATIONS, migrate, migrate_by, newest};

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
    /// A newer firstpress has migrated it.
    #[error(
        "a newer firstpress made the schema of this database: it is at migration {is_at}, and this firstpress \
         ({version}) knows {known}. Migrations only go forward: update firstpress, or restore a backup made before \
         the update into another database",
        version = env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The newest migration that was applied.
        is_at: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// Others held what a migration changes, for more than a minute.
    #[error(
        "cannot bring the database schema up to date, because somebody uses what it changes: {0}. \
         End long queries and idle transactions (pg_stat_activity shows them) and try again"
    )]
    MigrationBusy(#[source] sqlx::migrate::MigrateError),
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

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// What its user may.
    AsUser,
    /// Read what is for readers: as `firstpress_reader` where that role is there and the user belongs to it, in
    /// read-only transactions, 10 seconds a statement.
    ReadOnly,
}

impl Session {
    async fn begin(self, connection: &mut PgConnection) -> sqlx::Result<()> {
        if self == Self::ReadOnly {
            let begin = sqlx::query_scalar(include_str!("sql/read_only.sql"));
            let role: Option<String> = begin.fetch_one(connection).await?;
            if role.is_none() {
                NO_READER.call_once(|| {
                    tracing::warn!(
                        "DATABASE_URL's user may not act as firstpress_reader, so what is read is read with all rights of that \
                         user's, in read-only transactions; `firstpress doctor` says how to mend that"
                    );
                });
            }
        }
        Ok(())
    }
}

/// Connects, waiting ten seconds at most.
///
/// # Errors
/// [`DatabaseError::Unreachable`] names host and port.
pub async fn connect(options: PgConnectOptions, session: Session) -> Result<PgPool, DatabaseError> {
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
        .acquire_timeout(CONNECT_TIMEOUT)
        .after_connect(move |connection, _| Box::pin(session.begin(connection)));
    // the pool would try again for the whole timeout and not tell why it failed
    let first = async {
        let mut connection = options.connect().await?;
        session.begin(&mut connection).await?;
        connection.close().await
    };
    match tokio::time::timeout(CONNECT_TIMEOUT, first).await {
        Err(_) => Err(unreachable(io::Error::from(io::ErrorKind::TimedOut).into())),
        Ok(Err(error)) => Err(unreachable(error)),
        Ok(Ok(())) => Ok(pool.connect_lazy_with(options)),
    }
}
