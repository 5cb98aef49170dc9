//! What ends a command, and its exit code.

use crate::archive::ArchiveError;
use crate::config::WrongSettings;
use crate::postgres::DatabaseError;
#[cfg(feature = "embedded-postgres")]
use crate::postgres::embedded::EmbeddedError;
use crate::quarantine::QuarantineError;
use crate::run::RunError;
use crate::transform::{CheckReport, TransformError};

/// Why a command ended without success.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    #[error(transparent)]
    Settings(#[from] WrongSettings),
    #[error(
        "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are not set. Create an app at \
         https://developer.spotify.com/dashboard and copy both into the environment or .env, \
         or try `firstpress run --sandbox`, which needs none"
    )]
    NoCredentials,
    #[error("this database does not hold the tables of this firstpress; run `firstpress migrate` first")]
    NoSchema,
    #[error("{0}")]
    Usage(&'static str),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("{0}")]
    NoSuchItems(QuarantineError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[cfg(feature = "embedded-postgres")]
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

impl From<TransformError> for CliError {
    fn from(error: TransformError) -> Self {
        Self::Run(error.into())
    }
}

impl From<QuarantineError> for CliError {
    fn from(error: QuarantineError) -> Self {
        match error {
            QuarantineError::Database(error) => Self::reading(error),
            named => Self::NoSuchItems(named),
        }
    }
}

impl From<sqlx::Error> for CliError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl CliError {
    /// Of a command that only reads, and finds what no migration has made yet: `undefined_table` or
    /// `undefined_column`, by Postgres's appendix A.
    pub(super) fn reading(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            Some("42P01" | "42703") => Self::NoSchema,
            _ => error.into(),
        }
    }

    /// The checks that kept the tables from being published, if it was them.
    pub(super) fn failed_checks(&self) -> Option<&[CheckReport]> {
        match self {
            Self::Run(RunError::Transform(TransformError::ChecksFailed(failed))) => Some(failed),
            _ => None,
        }
    }

    /// 2 for wrong usage or settings; a run's error has its own table; otherwise 1.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_) | Self::NoCredentials | Self::Usage(_) | Self::NoSuchItems(_) => 2,
            Self::Archive(ArchiveError::NotBuiltIn) => 2,
            Self::Run(error) => error.exit_code(),
            _ => 1,
        }
    }
}
