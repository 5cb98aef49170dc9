//! Settings, read once from the environment and from `.env` in the working directory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::domain::{InvalidRetention, Retention};

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
    pub database_url: Option<SecretString>,
    /// `PG_BIN_DIR`: where the Postgres server binaries are, for that Postgres of its own.
    pub pg_bin_dir: Option<PathBuf>,
    /// `TEMPLATES_DIR`: models to build instead of those in the binary.
    pub templates_dir: Option<PathBuf>,
    /// `POPULARITY_WINDOW_DAYS`: how many days after its release a track's popularity is read again.
    pub popularity_window_days: u16,
    /// `RETENTION_DAYS`: how long what is stored is kept.
    pub retention: Retention,
    /// `LOG_FORMAT`.
    pub log_format: LogFormat,
    /// What the models' `env_var` may find.
    pub env_vars: EnvVars,
}

/// The environment's variables as the models' `env_var` may find them: never a secret.
#[derive(Clone, Default)]
pub struct EnvVars(HashMap<String, String>);

/// Variables that no model gets to see, and the beginning of the names by which dbt marks such.
const SECRETS: [&str; 3] = ["DATABASE_URL", "SPOTIFY_CLIENT_SECRET", "PGPASSWORD"];
const DBT_SECRETS: &str = "DBT_ENV_SECRET";

impl EnvVars {
    /// Those of the variables that are no secrets.
    #[must_use]
    pub fn without_secrets(variables: impl IntoIterator<Item = (String, String)>) -> EnvVars {
        let variables = variables.into_iter();
        EnvVars(variables.filter(|(name, _)| !EnvVars::is_secret(name)).collect())
    }

    /// Whether the name is that of a secret.
    #[must_use]
    pub fn is_secret(name: &str) -> bool {
        let name = name.to_uppercase();
        SECRETS.contains(&name.as_str()) || name.starts_with(DBT_SECRETS)
    }

    /// The variable's value, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl std::fmt::Debug for EnvVars {
    /// Without the values: who knows what else they are for.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "EnvVars({} variables)", self.0.len())
    }
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

/// Every setting that is wrong, all at once.
#[derive(Debug, thiserror::Error)]
#[error("{} wrong:\n{}", if faults.len() == 1 { "a setting is" } else { "some settings are" }, faults.join("\n"))]
pub struct WrongSettings {
    faults: Vec<String>,
}

impl Config {
    /// Reads the environment and, for what it does not set, `.env` in the working directory.
    ///
    /// # Errors
    /// [`WrongSettings`] lists every value that cannot be used, by name, with what was expected.
    pub fn from_env() -> Result<Self, WrongSettings> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the environment"
        )]
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::from_sources(environment, Path::new(".env"))
    }

    /// Reads `environment` and, for what it does not set, the file `dotenv` if it exists.
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn from_sources(
        environment: impl Iterator<Item = (String, String)>,
        dotenv: &Path,
    ) -> Result<Self, WrongSettings> {
        let mut settings = Settings {
            values: HashMap::new(),
            faults: Vec::new(),
        };
        settings.add_dotenv(dotenv);
        settings.values.extend(environment);
        let config = settings.config();
        if settings.faults.is_empty() {
            Ok(config)
        } else {
            Err(WrongSettings {
                faults: settings.faults,
            })
        }
    }
}

struct Settings {
    values: HashMap<String, String>,
    faults: Vec<String>,
}

impl Settings {
    fn add_dotenv(&mut self, path: &Path) {
        let lines = match dotenvy::from_path_iter(path) {
            Ok(lines) => lines,
            Err(error) if error.not_found() => return,
            Err(_) => return self.faults.push(format!("  {}: cannot be read", path.display())),
        };
        for (number, line) in lines.enumerate() {
            match line {
                Ok((name, value)) => {
                    self.values.insert(name, value);
                }
                // dotenvy's own text quotes the line, which may hold a secret
                Err(_) => self.faults.push(format!(
                    "  {}: entry {} is not NAME=value; quote values that contain spaces or #",
                    path.display(),
                    number + 1
                )),
            }
        }
    }

    fn config(&mut self) -> Config {
        let seconds = |value: f64| Duration::from_secs_f64(value);
        let timeout = seconds(self.number("SPOTIFY_TIMEOUT_SECONDS", 20.0, 0.1..=600.0));
        Config {
            spotify: Spotify {
                credentials: self.credentials(),
                api_url: self.url("SPOTIFY_API_URL", "https://api.spotify.com/v1"),
                token_url: self.url("SPOTIFY_TOKEN_URL", "https://accounts.spotify.com/api/token"),
                requests_per_second: self.optional_number("SPOTIFY_REQUESTS_PER_SECOND", 0.01..=1_000_000.0),
                max_in_flight: self.optional_number("SPOTIFY_MAX_IN_FLIGHT", 1..=64),
                daily_budget: self.daily_budget(),
                max_wait: seconds(self.number("SPOTIFY_MAX_WAIT_SECONDS", 60.0, 0.0..=86_400.0)),
                timeout,
                market: self.market(),
            },
            reccobeats: ReccoBeats {
                api_url: self.url("RECCOBEATS_API_URL", "https://api.reccobeats.com/v1"),
                requests_per_second: self.number("RECCOBEATS_REQUESTS_PER_SECOND", 1.0, 0.01..=1_000_000.0),
                timeout,
            },
            audio_features: self.audio_features(),
            database_url: self.database_url(),
            pg_bin_dir: self.text("PG_BIN_DIR").map(PathBuf::from),
            templates_dir: self.text("TEMPLATES_DIR").map(PathBuf::from),
            popularity_window_days: self.number("POPULARITY_WINDOW_DAYS", 28, 0..=3650),
            retention: self.retention(),
            log_format: self.log_format(),
            env_vars: EnvVars::without_secrets(self.values.clone()),
        }
    }

    /// The value, unless it is missing or empty.
    fn text(&self, name: &str) -> Option<String> {
        self.values
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }

    fn number<T>(&mut self, name: &str, default: T, allowed: std::ops::RangeInclusive<T>) -> T
    where
        T: FromStr + PartialOrd + std::fmt::Display,
    {
        self.optional_number(name, allowed).unwrap_or(default)
    }

    fn optional_number<T>(&mut self, name: &str, allowed: std::ops::RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + PartialOrd + std::fmt::Display,
    {
        let found = self.text(name)?;
        let value = found.parse().ok().filter(|value| allowed.contains(value));
        if value.is_none() {
            let (low, high) = (allowed.start(), allowed.end());
            self.fault(name, &found, &format!("a number from {low} to {high}"));
        }
        value
    }

    fn retention(&mut self) -> Retention {
        const NAME: &str = "RETENTION_DAYS";
        let found = self.text(NAME).unwrap_or_default();
        found.parse().unwrap_or_else(|invalid: InvalidRetention| {
            self.fault(NAME, &found, &invalid.to_string());
            Retention::default()
        })
    }

    fn daily_budget(&mut self) -> DailyBudget {
        const NAME: &str = "SPOTIFY_DAILY_BUDGET";
        match self.text(NAME).as_deref() {
            None => DailyBudget::ByMode,
            Some("none") => DailyBudget::None,
            Some(found) => match found.parse() {
                Ok(calls @ 1..) => DailyBudget::Calls(calls),
                _ => {
                    self.fault(NAME, found, "a number of calls from 1 on, or none");
                    DailyBudget::ByMode
                }
            },
        }
    }

    fn audio_features(&mut self) -> AudioFeaturesFrom {
        match self.text("AUDIO_FEATURES").as_deref() {
            None | Some("auto") => AudioFeaturesFrom::Auto,
            Some("spotify") => AudioFeaturesFrom::Spotify,
            Some("reccobeats") => AudioFeaturesFrom::ReccoBeats,
            Some("off") => AudioFeaturesFrom::Off,
            Some(other) => {
                self.fault("AUDIO_FEATURES", other, "auto, spotify, reccobeats or off");
                AudioFeaturesFrom::Auto
            }
        }
    }

    #[expect(clippy::expect_used, reason = "the defaults are literals; a test parses them")]
    fn url(&mut self, name: &str, default: &str) -> Url {
        let default_url = Url::parse(default).expect("a default is a URL");
        let Some(found) = self.text(name) else {
            return default_url;
        };
        match Url::parse(found.trim_end_matches('/')) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && !found.contains('@') => url,
            _ => {
                let shown = if found.contains('@') {
                    "(not shown, it may hold a password)"
                } else {
                    &found
                };
                self.fault(
                    name,
                    shown,
                    "an http or https URL without a user or password in it",
                );
                default_url
            }
        }
    }

    fn credentials(&mut self) -> Option<Credentials> {
        match (self.text("SPOTIFY_CLIENT_ID"), self.text("SPOTIFY_CLIENT_SECRET")) {
            (Some(client_id), Some(secret)) => Some(Credentials {
                client_id,
                client_secret: SecretString::from(secret),
            }),
            (None, None) => None,
            (Some(_), None) => self.missing_half("SPOTIFY_CLIENT_SECRET", "SPOTIFY_CLIENT_ID"),
            (None, Some(_)) => self.missing_half("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"),
        }
    }

    fn missing_half(&mut self, missing: &str, given: &str) -> Option<Credentials> {
        self.faults.push(format!(
            "  {missing}: not set, although {given} is; expected both, or neither"
        ));
        None
    }

    fn database_url(&mut self) -> Option<SecretString> {
        let found = self.text("DATABASE_URL")?;
        if sqlx::postgres::PgConnectOptions::from_str(&found).is_ok()
            && (found.starts_with("postgres://") || found.starts_with("postgresql://"))
        {
            return Some(SecretString::from(found));
        }
        self.faults.push(
            "  DATABASE_URL: not a Postgres URL (not shown, it may hold a password); expected \
             postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded"
                .to_owned(),
        );
        None
    }

    fn market(&mut self) -> Option<String> {
        let found = self.text("SPOTIFY_MARKET")?;
        if found.len() == 2 && found.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Some(found);
        }
        self.fault(
            "SPOTIFY_MARKET",
            &found,
            "a country code of two capital letters, such as DE",
        );
        None
    }

    fn log_format(&mut self) -> LogFormat {
        match self.text("LOG_FORMAT").as_deref() {
            None | Some("auto") => LogFormat::Auto,
            Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => {
                self.fault("LOG_FORMAT", other, "auto, text or json");
                LogFormat::Auto
            }
        }
    }

    fn fault(&mut self, name: &str, found: &str, expected: &str) {
        self.faults
            .push(format!("  {name}: found {found:?}, expected {expected}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, WrongSettings> {
        let environment = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_sources(environment, Path::new("/nonexistent/.env"))
    }

    #[test]
    fn defaults_hold_and_empty_means_unset() {
        let config = read(&[("SPOTIFY_MAX_IN_FLIGHT", ""), ("DATABASE_URL", " ")]).unwrap();
        assert_eq!(config.spotify.api_url.as_str(), "https://api.spotify.com/v1");
        assert_eq!(config.spotify.max_in_flight, None);
        assert_eq!(config.spotify.daily_budget, DailyBudget::ByMode);
        assert_eq!(config.audio_features, AudioFeaturesFrom::Auto);
        assert!(config.database_url.is_none() && config.spotify.credentials.is_none());
    }

    #[test]
    fn every_wrong_value_is_named_at_once_and_no_secret_shown() {
        let text = read(&[
            ("SPOTIFY_REQUESTS_PER_SECOND", "fast"),
            ("SPOTIFY_MAX_IN_FLIGHT", "0"),
            ("SPOTIFY_DAILY_BUDGET", "0"),
            ("AUDIO_FEATURES", "deezer"),
            ("SPOTIFY_API_URL", "ftp://x"),
            ("SPOTIFY_MARKET", "Germany"),
            ("LOG_FORMAT", "xml"),
            ("DATABASE_URL", "mysql://root:hunter2@db/x"),
            ("SPOTIFY_CLIENT_SECRET", "s3cr3t"),
        ])
        .unwrap_err()
        .to_string();
        for part in [
            "SPOTIFY_REQUESTS_PER_SECOND: found \"fast\", expected a number",
            "SPOTIFY_MAX_IN_FLIGHT: found \"0\"",
            "SPOTIFY_DAILY_BUDGET: found \"0\"",
            "AUDIO_FEATURES: found \"deezer\"",
            "SPOTIFY_API_URL: found",
            "SPOTIFY_MARKET: found",
            "LOG_FORMAT: found",
            "DATABASE_URL: not a Postgres URL",
            "SPOTIFY_CLIENT_ID: not set",
        ] {
            assert!(text.contains(part), "{part} is missing from {text}");
        }
        assert!(!text.contains("hunter2") && !text.contains("s3cr3t"), "{text}");
    }

    #[test]
    fn debug_shows_no_secret() {
        let config = read(&[
            ("SPOTIFY_CLIENT_ID", "an-id"),
            ("SPOTIFY_CLIENT_SECRET", "s3cr3t"),
            ("DATABASE_URL", "postgres://u:hunter2@db/x"),
        ])
        .unwrap();
        let text = format!("{config:?}");
        assert!(
            text.contains("an-id") && !text.contains("s3cr3t") && !text.contains("hunter2"),
            "{text}"
        );
    }

    #[test]
    fn models_never_find_a_secret() {
        let config = read(&[
            ("SPOTIFY_CLIENT_ID", "an-id"),
            ("SPOTIFY_CLIENT_SECRET", "s3cr3t"),
            ("DATABASE_URL", "postgres://u:hunter2@db/x"),
            ("DBT_ENV_SECRET_KEY", "k3y"),
            ("REGION", "EU"),
        ])
        .unwrap();
        let found = |name: &str| config.env_vars.get(name);
        assert_eq!(found("REGION"), Some("EU"));
        for name in ["SPOTIFY_CLIENT_SECRET", "DATABASE_URL", "DBT_ENV_SECRET_KEY"] {
            assert_eq!(found(name), None, "{name}");
        }
    }

    #[test]
    fn the_environment_wins_over_dotenv() {
        let path = std::env::temp_dir().join(format!("firstpress-dotenv-{}", std::process::id()));
        std::fs::write(&path, "SPOTIFY_MAX_IN_FLIGHT=2\nSPOTIFY_MARKET=DE\n").unwrap();
        let environment = [("SPOTIFY_MAX_IN_FLIGHT".to_owned(), "3".to_owned())].into_iter();
        let config = Config::from_sources(environment, &path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(
            (config.spotify.max_in_flight, config.spotify.market.as_deref()),
            (Some(3), Some("DE"))
        );
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_shown() {
        for url in [
            "https://id:s3cr3t@accounts.spotify.com/api/token",
            "https://:s3cr3t@api.spotify.com/v1",
        ] {
            let text = read(&[("SPOTIFY_TOKEN_URL", url)]).unwrap_err().to_string();
            assert!(
                text.contains("SPOTIFY_TOKEN_URL") && !text.contains("s3cr3t"),
                "{text}"
            );
        }
    }
}
