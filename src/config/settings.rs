//! Typed settings, made from the values that were found.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::references::{self, Resolved};
use super::sources::Found;
use super::{
    AudioFeaturesFrom, Config, Credentials, DailyBudget, DatabaseUrl, EnvVars, LogFormat, Origin, ReccoBeats,
    Spotify, WrongSettings,
};
use crate::aws::Aws;

pub(super) struct Settings {
    found: Found,
    resolved: Resolved,
    /// Settings whose value is a reference, by name.
    references: BTreeMap<String, String>,
}

impl Settings {
    pub(super) fn new(found: Found) -> Self {
        Self {
            found,
            resolved: Resolved::new(),
            references: BTreeMap::new(),
        }
    }

    /// Fetches what settings refer to. What is no setting is left alone, whatever it looks like.
    pub(super) async fn resolve(&mut self, aws: &Aws) {
        // reading all of them once tells which there are; what it finds wrong is found again once they are resolved
        let faults = self.found.faults.clone();
        self.config(aws);
        self.found.faults = faults;
        if self.references.is_empty() {
            return;
        }
        match references::resolve(self.references.values(), aws).await {
            Ok(resolved) => self.resolved = resolved,
            Err(error) => {
                let names = self.references.keys().cloned().collect::<Vec<_>>().join(", ");
                self.found
                    .faults
                    .push(format!("  {names}: cannot be fetched: {error}"));
            }
        }
    }

    /// All settings, if none is wrong.
    pub(super) fn finish(mut self, aws: &Aws) -> Result<Config, WrongSettings> {
        let config = self.config(aws);
        let faults = self.found.faults;
        if faults.is_empty() {
            Ok(config)
        } else {
            Err(WrongSettings { faults })
        }
    }

    fn config(&mut self, aws: &Aws) -> Config {
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
            archive_url: self.archive_url(),
            templates_dir: self.text("TEMPLATES_DIR").map(PathBuf::from),
            popularity_window_days: self.number("POPULARITY_WINDOW_DAYS", 28, 0..=3650),
            log_format: self.log_format(),
            env_vars: EnvVars::without_secrets(self.found.values.clone()),
            origin: self.origin(),
            aws: aws.clone(),
        }
    }

    fn origin(&self) -> Origin {
        Origin {
            files: self.found.files.clone(),
            references: self.references.clone(),
        }
    }

    /// The value, unless it is missing or empty, or a reference that leads nowhere.
    fn text(&mut self, name: &str) -> Option<String> {
        let value = self.found.values.get(name)?.trim().to_owned();
        if !references::is_reference(&value) {
            return Some(value).filter(|value| !value.is_empty());
        }
        self.references.insert(name.to_owned(), value.clone());
        match self.resolved.get(&value) {
            Some(Ok(secret)) => Some(secret.expose_secret().trim().to_owned()),
            Some(Err(reason)) => {
                self.found.faults.push(format!("  {name}: {value}: {reason}"));
                None
            }
            None => None,
        }
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
        // a reference is set, and what is wrong with it is told already
        if !self.references.contains_key(missing) {
            self.found.faults.push(format!(
                "  {missing}: not set, although {given} is; expected both, or neither"
            ));
        }
        None
    }

    fn database_url(&mut self) -> Option<DatabaseUrl> {
        let found = self.text("DATABASE_URL")?;
        let root_cert_is_set = self.found.values.contains_key("PGSSLROOTCERT");
        let read = DatabaseUrl::read(&found, root_cert_is_set);
        read.map_err(|fault| self.found.faults.push(format!("  DATABASE_URL: {fault}")))
            .ok()
    }

    /// A directory, relative or absolute, or a URL.
    fn archive_url(&mut self) -> Option<Url> {
        let found = self.text("ARCHIVE_URL")?;
        let url = if found.contains("://") {
            Url::parse(&found).ok().filter(|url| match url.scheme() {
                "file" => url.to_file_path().is_ok(),
                "s3" => url.host_str().is_some() && url.username().is_empty() && url.password().is_none(),
                _ => false,
            })
        } else {
            std::path::absolute(&found)
                .ok()
                .and_then(|directory| Url::from_directory_path(directory).ok())
        };
        if url.is_none() {
            let shown = if found.contains('@') {
                "(not shown, it may hold a password)"
            } else {
                &found
            };
            self.fault(
                "ARCHIVE_URL",
                shown,
                "a directory, file:///DIRECTORY or s3://BUCKET/PREFIX",
            );
        }
        url
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
        let fault = match self.references.get(name) {
            Some(reference) => {
                format!("what {reference} holds (not shown) is not what is expected: {expected}")
            }
            None => format!("found {found:?}, expected {expected}"),
        };
        self.found.faults.push(format!("  {name}: {fault}"));
    }
}
