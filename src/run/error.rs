//! What ends a run early, and the one table of what follows from it.

use chrono::{DateTime, Utc};

use crate::extract::ExtractError;
use crate::load::LoadError;
use crate::postgres::runs::Status;
use crate::spotify::SpotifyError;
use crate::transform::TransformError;

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Spotify refused or could not be reached.
    #[error(transparent)]
    Spotify(#[from] SpotifyError),
    /// The database failed or went away.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A batch could not be stored.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The models could not be built, or a check failed. Nothing was published.
    #[error(transparent)]
    Transform(#[from] TransformError),
    /// A signal asked the run to end.
    #[error("interrupted; the next run goes on from here")]
    Interrupted,
    /// The day's budget ended before all albums were loaded.
    #[error(
        "the budget of {calls_a_day} calls in any 24 hours is used up, and {albums} albums wait for calls to come free"
    )]
    BudgetSpent {
        /// Calls in any 24 hours.
        calls_a_day: u32,
        /// Albums that are discovered and not loaded.
        albums: u64,
    },
    /// Another run is at work.
    #[error("another run is at work: {holder}; try again when it has ended")]
    Locked {
        /// What the other run's connection calls itself.
        holder: String,
    },
    /// Spotify asked earlier not to be called again yet.
    #[error(
        "Spotify asked earlier not to be called before {}; no call was made",
        not_before.format("%Y-%m-%d %H:%M:%S UTC")
    )]
    TooEarly {
        /// When Spotify may be called again.
        not_before: DateTime<Utc>,
    },
    /// The database holds what another kind of API said.
    #[error(
        "this database holds releases from {holds}, and real and simulated ones do not mix; \
         point DATABASE_URL to another database"
    )]
    OtherApi {
        /// `sandbox`, or the API's address.
        holds: String,
    },
}

impl RunError {
    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::OtherApi { .. } => 2,
            Self::Transform(TransformError::ChecksFailed(_) | TransformError::UnitTestFailed { .. }) => 3,
            Self::Interrupted | Self::Locked { .. } | Self::TooEarly { .. } | Self::BudgetSpent { .. } => 75,
            Self::Spotify(SpotifyError::Postponed { .. } | SpotifyError::BudgetSpent { .. }) => 75,
            Self::Spotify(_) | Self::Database(_) | Self::Load(_) | Self::Transform(_) => 1,
        }
    }

    /// What `ops.runs.status` says.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Interrupted => Status::Interrupted,
            error if error.exit_code() == 75 => Status::Postponed,
            _ => Status::Failed,
        }
    }

    /// When Spotify may be called again, if it said so.
    #[must_use]
    pub fn not_before(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Spotify(SpotifyError::Postponed { not_before, .. }) => Some(*not_before),
            _ => None,
        }
    }

    /// This error again if it only puts the rest off, so that what is there can still be transformed.
    pub(super) fn postponed(self) -> Result<Self, Self> {
        if self.puts_off() { Ok(self) } else { Err(self) }
    }

    fn puts_off(&self) -> bool {
        matches!(
            self,
            Self::BudgetSpent { .. }
                | Self::Spotify(SpotifyError::Postponed { .. } | SpotifyError::BudgetSpent { .. })
        )
    }
}

impl From<ExtractError> for RunError {
    fn from(error: ExtractError) -> Self {
        match error {
            ExtractError::Spotify(error) => Self::Spotify(error),
            ExtractError::Database(error) => Self::Database(error),
            ExtractError::Interrupted => Self::Interrupted,
        }
    }
}
