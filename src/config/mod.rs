//! Settings, read once. `sources` says where they stand and which one wins, `references` fetches what is kept elsewhere,
//! `settings` makes typed values of them.
//!
//! To add one: a field here, a line in `Settings::config`, a row in README.md, a line in `.env.example`.

mod database_url;
mod env_vars;
mod references;
mod settings;
mod sources;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

pub use database_url::{DatabaseUrl, Login};
pub use env_vars::EnvVars;
pub use sources::Sources;

use crate::aws::Aws;
use crate::domain::Retention;
use settings::Settings;

/// Everything that can be set from outside. `.env.example` explains each name to users.
#[derive(Debug, Clone)]
pub struct Config {
    /// How to reach Spotify.
    pub spotify: Spotify,
    /// How to reach ReccoBeats.
    pub reccobeats: ReccoBeats,
    /// `AUDIO_FEATURES`.
    pub audio_features: AudioFeaturesFrom,
    /// `DATABASE_URL`; where it is not set, firstpress starts a Postgres of its own.
    pub database_url: Option<DatabaseUrl>,
    /// `PG_BIN_DIR`: where the Postgres server binaries are, for that Postgres of its own.
    pub pg_bin_dir: Option<PathBuf>,
    /// `ARCHIVE_URL`: where each run's raw rows are kept as files, `file:///…` or `s3://…`; nowhere when not set.
    pub archive_url: Option<Url>,
    /// `TEMPLATES_DIR`: models to build instead of those in the binary.
    pub templates_dir: Option<PathBuf>,
    /// `POPULARITY_WINDOW_DAYS`: how many days after its release a track's popularity is read again.
    pub popularity_window_days: u16,
    /// `RETENTION_DAYS`: how long what is stored is kept.
    pub retention: Retention,
    /// `LOG_FORMAT`.
    pub log_format: LogFormat,
    /// Where runs can be watched from.
    pub watching: Watching,
    /// How `firstpress serve` is reached, and by whom.
    pub serving: Serving,
    /// What the models' `env_var` may find.
    pub env_vars: EnvVars,
    /// Where the settings stand.
    pub origin: Origin,
    /// AWS, for what else is reached there.
    pub aws: Aws,
}

/// Where an archive is, and what reaches it there.
#[derive(Debug, Clone)]
pub struct ArchivePlace {
    /// `file:///…` or `s3://…`.
    pub url: Url,
    /// For S3.
    pub aws: Aws,
}

/// Where the settings stand, for people who look for a fault.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Files that were read, the one that wins first.
    pub files: Vec<String>,
    /// Settings whose value is kept elsewhere, by name: the reference that says where.
    pub references: BTreeMap<String, String>,
}

/// How to reach Spotify's Web API, and how hard.
#[derive(Debug, Clone)]
pub struct Spotify {
    /// `SPOTIFY_CLIENT_ID` and `SPOTIFY_CLIENT_SECRET`; both or none.
    pub credentials: Option<Credentials>,
    /// `SPOTIFY_API_URL`, without a slash at its end. The bearer token goes nowhere else.
    pub api_url: Url,
    /// `SPOTIFY_TOKEN_URL`.
    pub token_url: Url,
    /// `SPOTIFY_REQUESTS_PER_SECOND`, over the whole process; where it is not set, the app's mode says it.
    pub requests_per_second: Option<f64>,
    /// `SPOTIFY_MAX_IN_FLIGHT`: calls that may be under way at once; where it is not set, the app's mode says it.
    pub max_in_flight: Option<usize>,
    /// `SPOTIFY_DAILY_BUDGET`.
    pub daily_budget: DailyBudget,
    /// `SPOTIFY_MAX_WAIT_SECONDS`: a longer Retry-After ends the run, to be continued by a later one.
    pub max_wait: Duration,
    /// `SPOTIFY_TIMEOUT_SECONDS`: how long one call may take.
    pub timeout: Duration,
    /// `SPOTIFY_MARKET`: an ISO 3166-1 alpha-2 code that is passed on to Spotify.
    pub market: Option<String>,
}

/// How many Web API calls may be made in any 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DailyBudget {
    /// As many as suit the app's mode.
    ByMode,
    /// Any number.
    None,
    /// So many.
    Calls(u32),
}

/// How to reach ReccoBeats, who has audio features for apps to which Spotify gives none.
#[derive(Debug, Clone)]
pub struct ReccoBeats {
    /// `RECCOBEATS_API_URL`, without a slash at its end.
    pub api_url: Url,
    /// `RECCOBEATS_REQUESTS_PER_SECOND`. Its limit is not published.
    pub requests_per_second: f64,
    /// How long one call may take: `SPOTIFY_TIMEOUT_SECONDS` here too.
    pub timeout: Duration,
}

/// `AUDIO_FEATURES`: who is asked for audio features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioFeaturesFrom {
    /// Spotify where it answers, else ReccoBeats.
    Auto,
    /// Spotify alone.
    Spotify,
    /// ReccoBeats alone.
    ReccoBeats,
    /// Nobody.
    Off,
}

/// A Spotify app's client id and secret.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The client id, which is no secret.
    pub client_id: String,
    /// The client secret.
    pub client_secret: SecretString,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Where a run can be watched from, beside its log.
#[derive(Debug, Clone)]
pub struct Watching {
    /// `METRICS_NAMESPACE`: CloudWatch's namespace for the figures of a run; none are written without it.
    pub metrics_namespace: Option<String>,
    /// `ALERT_WEBHOOK_URL`: who is told when a run fails. The URL is the right to do so, and a secret.
    pub alert_webhook_url: Option<SecretString>,
    /// OpenTelemetry, where `OTEL_EXPORTER_OTLP_ENDPOINT` is set.
    pub opentelemetry: Option<OpenTelemetry>,
}

/// An OpenTelemetry collector, and what it is told of this program, by the names that OpenTelemetry gives them.
#[derive(Debug, Clone)]
pub struct OpenTelemetry {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`, below which `/v1/traces` and `/v1/metrics` lie.
    pub endpoint: Url,
    /// `OTEL_EXPORTER_OTLP_HEADERS`: `name=value`, separated by commas, percent-encoded.
    pub headers: Option<SecretString>,
    /// `OTEL_SERVICE_NAME`.
    pub service_name: Option<String>,
    /// `OTEL_RESOURCE_ATTRIBUTES`: `name=value`, separated by commas, percent-encoded.
    pub resource_attributes: Option<String>,
}

/// How `firstpress serve` is reached, and by whom.
#[derive(Debug, Clone)]
pub struct Serving {
    /// `SERVE_LISTEN`: where it listens.
    pub listen: SocketAddr,
    /// `SERVE_TOKEN`: who sends it as a bearer token is let in.
    pub token: Option<SecretString>,
    /// `SERVE_USER` and `SERVE_PASSWORD`: who sends them by basic authentication is let in.
    pub login: Option<ServeLogin>,
    /// `SERVE_REQUESTS_PER_SECOND`: how many each address may send in the long run; any number when none.
    pub requests_per_second: Option<NonZeroU32>,
}

impl Serving {
    /// Whether only who shows credentials is let in.
    #[must_use]
    pub fn asks_for_credentials(&self) -> bool {
        self.token.is_some() || self.login.is_some()
    }
}

/// A user of `firstpress serve`.
#[derive(Debug, Clone)]
pub struct ServeLogin {
    /// The name, which is no secret.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

/// Every setting that is wrong, all at once.
#[derive(Debug, thiserror::Error)]
#[error("{} wrong:\n{}", if faults.len() == 1 { "a setting is" } else { "some settings are" }, faults.join("\n"))]
pub struct WrongSettings {
    faults: Vec<String>,
}

impl Config {
    /// Reads the sources, fetches what they refer to, and makes typed settings of it.
    ///
    /// # Errors
    /// [`WrongSettings`] lists every value that cannot be used, by name, with what was expected, and every reference that
    /// leads nowhere, with the reason.
    pub async fn read(sources: Sources) -> Result<Self, WrongSettings> {
        let aws = Aws::default();
        let mut settings = Settings::new(sources.read(&aws).await?);
        settings.resolve(&aws).await;
        settings.finish(&aws)
    }

    /// Where raw rows are archived, if they are: those of the sandbox apart from real ones.
    #[must_use]
    pub fn archive(&self, in_sandbox: bool) -> Option<ArchivePlace> {
        let mut url = self.archive_url.clone()?;
        if in_sandbox && let Ok(mut folders) = url.path_segments_mut() {
            folders.pop_if_empty().push("sandbox");
        }
        Some(ArchivePlace {
            url,
            aws: self.aws.clone(),
        })
    }
}
