//! The database that a command works on: the one that `DATABASE_URL` names, or firstpress's own.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::PgPool;

use super::error::CliError;
use crate::config::{Config, Login};
#[cfg(feature = "embedded-postgres")]
use crate::postgres::embedded::{EmbeddedPostgres, Settings};
use crate::postgres::{self, Session};

/// For the connections to be closed.
const TO_CLOSE: Duration = Duration::from_secs(2);

pub(super) struct Database {
    pub(super) pool: PgPool,
    #[cfg(feature = "embedded-postgres")]
    embedded: Option<EmbeddedPostgres>,
}

impl Database {
    /// Does the work on the database that [`Self::open`] opens, and closes it however the work ends.
    pub(super) async fn with<T>(
        config: &Config,
        sandbox: bool,
        work: impl AsyncFnOnce(&Self) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        Self::with_session(config, sandbox, Session::AsUser, work).await
    }

    /// As [`Self::with`], in sessions that only read.
    pub(super) async fn to_read<T>(
        config: &Config,
        sandbox: bool,
        work: impl AsyncFnOnce(&Self) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        Self::with_session(config, sandbox, Session::ReadOnly, work).await
    }

    async fn with_session<T>(
        config: &Config,
        sandbox: bool,
        session: Session,
        work: impl AsyncFnOnce(&Self) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let database = Self::open(config, sandbox, session).await?;
        let outcome = work(&database).await;
        let closed = database.close().await;
        let result = outcome?;
        closed?;
        Ok(result)
    }

    /// Whether there is a database to ask, answering or not: one that `DATABASE_URL` names, or firstpress's own where
    /// an earlier command has made it.
    pub(super) fn is_there(config: &Config, sandbox: bool) -> bool {
        let has_own = cfg!(feature = "embedded-postgres") && own_directory(sandbox).exists();
        config.database_url.is_some() || has_own
    }

    /// Connects. With the sandbox and without `DATABASE_URL`, the data lies apart from that of real runs.
    pub(super) async fn open(config: &Config, sandbox: bool, session: Session) -> Result<Self, CliError> {
        if let Some(url) = &config.database_url {
            // the settings have been checked, and the error would quote the URL
            let options = url
                .options()
                .map_err(|_| CliError::Usage("DATABASE_URL is not a Postgres URL"))?;
            let pool = match url.login {
                Login::Password => postgres::connect(options, session).await,
                Login::RdsIam => postgres::connect_to_rds(options, session, &config.aws).await,
            };
            return Ok(Self {
                pool: pool?,
                #[cfg(feature = "embedded-postgres")]
                embedded: None,
            });
        }
        Self::open_own(config, sandbox, session).await
    }

    #[cfg(not(feature = "embedded-postgres"))]
    async fn open_own(_: &Config, _: bool, _: Session) -> Result<Self, CliError> {
        std::future::ready(Err(CliError::Usage(
            "DATABASE_URL is not set, and this binary was built without a Postgres of its own",
        )))
        .await
    }

    #[cfg(feature = "embedded-postgres")]
    async fn open_own(config: &Config, sandbox: bool, session: Session) -> Result<Self, CliError> {
        let embedded = start_own(config, sandbox).await?;
        match postgres::connect(embedded.connect_options(), session).await {
            Ok(pool) => Ok(Self {
                pool,
                embedded: Some(embedded),
            }),
            Err(error) => {
                embedded.stop().await?;
                Err(error.into())
            }
        }
    }

    /// A command line that looks into firstpress's own database while it runs.
    pub(super) fn psql_hint(&self) -> Option<String> {
        #[cfg(feature = "embedded-postgres")]
        return self.embedded.as_ref().map(EmbeddedPostgres::psql_hint);
        #[cfg(not(feature = "embedded-postgres"))]
        None
    }

    /// Closes the connections and stops firstpress's own Postgres, unless another process uses it.
    pub(super) async fn close(self) -> Result<(), CliError> {
        // a connection whose statement still waits for a lock, after its run has ended, would be waited for too
        let _ = tokio::time::timeout(TO_CLOSE, self.pool.close()).await;
        #[cfg(feature = "embedded-postgres")]
        if let Some(embedded) = self.embedded {
            embedded.stop().await?;
        }
        Ok(())
    }
}

/// Where firstpress's own Postgres lies.
pub(super) fn own_directory(sandbox: bool) -> &'static Path {
    Path::new(if sandbox {
        ".firstpress/sandbox"
    } else {
        ".firstpress/postgres"
    })
}

#[cfg(feature = "embedded-postgres")]
async fn start_own(config: &Config, sandbox: bool) -> Result<EmbeddedPostgres, CliError> {
    let settings = Settings {
        directory: own_directory(sandbox).into(),
        bin_dir: config.pg_bin_dir.clone(),
        durable: true,
    };
    Ok(EmbeddedPostgres::start(settings).await?)
}

/// Runs psql on the database. Returns psql's exit code.
#[cfg(feature = "embedded-postgres")]
pub(super) async fn psql(config: &Config, sandbox: bool, arguments: &[String]) -> Result<u8, CliError> {
    use anyhow::Context;

    if config.database_url.is_some() {
        return Err(CliError::Usage("DATABASE_URL is set; use psql \"$DATABASE_URL\""));
    }
    let embedded = start_own(config, sandbox).await?;
    // Ctrl-C in psql ends a query and not the session, so it must not end this process either
    tokio::spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    let mut psql = tokio::process::Command::from(embedded.psql());
    let status = psql
        .args(arguments)
        .status()
        .await
        .context("cannot start psql, of the package postgresql-client")?;
    embedded.stop().await?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}
