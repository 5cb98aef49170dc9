//! What can go wrong with a call, as facts. What a run does about them is decided in `run/error.rs`.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Endpoint;
use crate::http::{Passing, describe};

/// Spotify counts calls in a rolling window of this length.
const RATE_WINDOW: Duration = Duration::from_secs(30);

/// Why Spotify did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum SpotifyError {
    /// The token endpoint refused the client id or secret.
    #[error(
        "Spotify refused the client id or secret ({0}). Copy both again from the app's settings at \
         https://developer.spotify.com/dashboard into SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"
    )]
    InvalidClient(String),
    /// The token endpoint gave no token for another reason.
    #[error("Spotify's token endpoint gave no token: {0}")]
    Token(String),
    /// 401, also with a token that was renewed a moment ago.
    #[error("Spotify does not accept the token that it issued a moment ago (401 on {0})")]
    Unauthorized(Endpoint),
    /// 403: this app may not call the endpoint.
    #[error(
        "Spotify does not let this app call {endpoint} (403{}), and there is no other way to what it gives. Look at \
         the app's settings at https://developer.spotify.com/dashboard; `firstpress doctor` asks every endpoint",
        text_of(message)
    )]
    Forbidden {
        /// The endpoint that is closed.
        endpoint: Endpoint,
        /// Spotify's own words; audio features are refused without any.
        message: Option<String>,
    },
    /// 403: the app's owner has no Premium subscription.
    #[error("Spotify answers only while the app's owner holds Premium: renew the owner's subscription ({0})")]
    PremiumRequired(String),
    /// Spotify asked for a longer wait than `SPOTIFY_MAX_WAIT_SECONDS`, or the quota is used up.
    #[error("Spotify asks not to be called before {} ({reason} on {endpoint})", not_before.format("%Y-%m-%d %H:%M:%S UTC"))]
    Postponed {
        /// The endpoint that said so.
        endpoint: Endpoint,
        /// When Spotify may be called again.
        not_before: DateTime<Utc>,
        /// What Spotify called it.
        reason: String,
    },
    /// The day's budget is used up. The call was not made.
    #[error(
        "the budget of {calls_a_day} calls in any 24 hours (SPOTIFY_DAILY_BUDGET) is used up until {}",
        frees_at.format("%Y-%m-%d %H:%M UTC")
    )]
    BudgetSpent {
        /// Calls in any 24 hours.
        calls_a_day: u32,
        /// When the first of them no longer counts.
        frees_at: DateTime<Utc>,
    },
    /// The call could not be entered in the database, and was not made.
    #[error("a call could not be entered in the database: {0}")]
    Ledger(String),
    /// Another 4xx or 3xx: the request itself is refused.
    #[error("Spotify refused a request to {endpoint} ({status}{})", text_of(message))]
    Rejected {
        /// The endpoint.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
        /// Spotify's own words, if it had any.
        message: Option<String>,
    },
    /// 429 with a wait that is short enough to sit out; the call is repeated.
    #[error("Spotify asked to slow down (429 on {endpoint})")]
    RateLimited {
        /// The endpoint.
        endpoint: Endpoint,
        /// Retry-After, where it says something usable.
        retry_after: Option<Duration>,
    },
    /// A 5xx status, and so again after every repeat.
    #[error("Spotify has trouble of its own (status {status} on {endpoint})")]
    ServerError {
        /// The endpoint.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
    },
    /// No usable answer: a timeout, a reset, a cut or unreadable body, and so again after every repeat.
    #[error("no usable answer from Spotify on {endpoint}: {detail}")]
    NoAnswer {
        /// The endpoint.
        endpoint: Endpoint,
        /// What happened to the connection or the body.
        detail: String,
        /// Whether the server was reached at all.
        was_connected: bool,
    },
}

/// Failures of the token endpoint have been repeated there, and are not repeated by the calls that wanted a token.
impl Passing for SpotifyError {
    fn is_passing(&self, called: &str) -> bool {
        match self {
            Self::RateLimited { endpoint, .. }
            | Self::ServerError { endpoint, .. }
            | Self::NoAnswer { endpoint, .. } => endpoint.as_str() == called,
            _ => false,
        }
    }

    fn rate_limited(&self) -> Option<Option<Duration>> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}

impl SpotifyError {
    /// Of a call that broke off below HTTP.
    pub(super) fn broken_off(endpoint: Endpoint, error: &reqwest::Error) -> Self {
        Self::NoAnswer {
            endpoint,
            detail: describe(error),
            was_connected: !error.is_connect(),
        }
    }

    /// Of an answer that came and is not what was asked for.
    pub(super) fn unreadable(endpoint: Endpoint, detail: String) -> Self {
        Self::NoAnswer {
            endpoint,
            detail,
            was_connected: true,
        }
    }

    /// Whether an answer with the status 429 came to this.
    pub(super) fn is_429(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Postponed { .. })
    }

    /// A 429 that stands after every repeat: Spotify's window of 30 s has not passed, so the rest is left to a
    /// later run.
    pub(super) fn after_every_repeat(self) -> Self {
        match self {
            Self::RateLimited {
                endpoint,
                retry_after,
            } => Self::Postponed {
                endpoint,
                not_before: Utc::now() + retry_after.unwrap_or_default().max(RATE_WINDOW),
                reason: "429 again and again".to_owned(),
            },
            error => error,
        }
    }

    /// Whether other calls may well succeed.
    #[must_use]
    pub fn is_of_this_call_alone(&self) -> bool {
        match self {
            Self::Rejected { .. } | Self::Forbidden { .. } => true,
            Self::ServerError { endpoint, .. } | Self::NoAnswer { endpoint, .. } => {
                *endpoint != Endpoint::Token
            }
            _ => false,
        }
    }

    /// Whether the fault may lie with one of the ids in the request and not with Spotify or the app, so that
    /// asking for fewer of them can help. A 5xx for one particular album has been seen; an answer that is never
    /// done in time, or cannot be read, lies with one of many as well.
    #[must_use]
    pub fn may_lie_with_an_id(&self) -> bool {
        match self {
            Self::Rejected { status, .. } => matches!(status, 400 | 404),
            Self::ServerError { endpoint, .. } => *endpoint != Endpoint::Token,
            Self::NoAnswer {
                endpoint,
                was_connected,
                ..
            } => *was_connected && *endpoint != Endpoint::Token,
            _ => false,
        }
    }

    /// Whether the trouble is Spotify's own, so that it may be over soon.
    #[must_use]
    pub fn may_be_over_soon(&self) -> bool {
        matches!(self, Self::ServerError { .. } | Self::NoAnswer { .. })
    }
}

fn text_of(message: &Option<String>) -> String {
    message
        .as_ref()
        .map(|text| format!(": {text}"))
        .unwrap_or_default()
}
