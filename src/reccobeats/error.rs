//! What can go wrong with a call to ReccoBeats.

use std::time::Duration;

use crate::http::Passing;

/// Why ReccoBeats did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ReccoBeatsError {
    /// 429, and so again after every repeat.
    #[error("ReccoBeats asked to slow down (429)")]
    RateLimited {
        /// Retry-After, where it says something usable.
        retry_after: Option<Duration>,
    },
    /// 429 with a wait, in seconds, that is too long for a run.
    #[error("ReccoBeats wants no call for {0} s")]
    LongWait(u64),
    /// A 5xx status, and so again after every repeat.
    #[error("ReccoBeats has trouble of its own (status {0})")]
    ServerError(u16),
    /// Another status.
    #[error("ReccoBeats refused the request (status {0})")]
    Rejected(u16),
    /// A timeout, a reset, a cut or unreadable body, and so again after every repeat.
    #[error("no usable answer from ReccoBeats: {0}")]
    NoAnswer(String),
}

impl Passing for ReccoBeatsError {
    fn is_passing(&self, _: &str) -> bool {
        !matches!(self, Self::LongWait(_) | Self::Rejected(_))
    }

    fn rate_limited(&self) -> Option<Option<Duration>> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}
