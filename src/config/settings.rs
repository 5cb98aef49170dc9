//! Typed settings, made from the values that were found.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::references::{self, Resolved};
use super::sources::Found;
use super::{
    AudioFeaturesFrom, Config, Credentials, DailyBudget, DatabaseUrl, EnvVars, LogFormat, OpenTelemetry,
    Origin, ReccoBeats, ServeLogin, Serving, Spotify, Watching, WrongSettings,
};
use crate::aws::Aws;
use crate::domain::{InvalidRetention, Retention};

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
            retention: self.retention(),
            log_format: self.log_format(),
            watching: Watching {
                metrics_namespace: self.metrics_namespace(),
                alert_webhook_url: self.alert_webhook_url(),
                opentelemetry: self.opentelemetry(),
            },
            serving: Serving {
                listen: self.listen(),
                token: self.serve_secret("SERVE_TOKEN"),
                login: self.serve_login(),
                requests_per_second: self.serve_rate(),
            },
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

    fn missing_half<T>(&mut self, missing: &str, given: &str) -> Option<T> {
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

    fn retention(&mut self) -> Retention {
        const NAME: &str = "RETENTION_DAYS";
        let found = self.text(NAME).unwrap_or_default();
        found.parse().unwrap_or_else(|invalid: InvalidRetention| {
            self.fault(NAME, &found, &invalid.to_string());
            Retention::default()
        })
    }

    fn listen(&mut self) -> SocketAddr {
        const NAME: &str = "SERVE_LISTEN";
        let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        let Some(found) = self.text(NAME) else {
            return default;
        };
        found.parse().unwrap_or_else(|_| {
            self.fault(
                NAME,
                &found,
                "an address and a port, as 127.0.0.1:8080 or [::]:8080",
            );
            default
        })
    }

    /// What lets somebody in must not be guessed.
    fn serve_secret(&mut self, name: &str) -> Option<SecretString> {
        const SHORTEST: usize = 16;
        let found = self.text(name)?;
        if found.len() < SHORTEST {
            let fault = format!("  {name}: shorter than {SHORTEST} characters (not shown, it is a secret)");
            self.found.faults.push(fault);
        }
        Some(SecretString::from(found))
    }

    fn serve_login(&mut self) -> Option<ServeLogin> {
        match (self.text("SERVE_USER"), self.serve_secret("SERVE_PASSWORD")) {
            (Some(user), Some(password)) if !user.contains(':') => Some(ServeLogin { user, password }),
            (Some(user), Some(_)) => {
                self.fault("SERVE_USER", &user, "a name without a colon");
                None
            }
            (None, None) => None,
            (Some(_), None) => self.missing_half("SERVE_PASSWORD", "SERVE_USER"),
            (None, Some(_)) => self.missing_half("SERVE_USER", "SERVE_PASSWORD"),
        }
    }

    fn serve_rate(&mut self) -> Option<NonZeroU32> {
        const NAME: &str = "SERVE_REQUESTS_PER_SECOND";
        const DEFAULT: NonZeroU32 = NonZeroU32::new(100).expect("it is not 0");
        match self.text(NAME).as_deref() {
            None => Some(DEFAULT),
            Some("none") => None,
            Some(found) => {
                let rate = found.parse().ok();
                if rate.is_none() {
                    self.fault(NAME, found, "a number of requests from 1 on, or none");
                }
                rate
            }
        }
    }

    /// As CloudWatch takes it: up to 255 characters, no colon at the beginning, and not one of Amazon's own.
    fn metrics_namespace(&mut self) -> Option<String> {
        const NAME: &str = "METRICS_NAMESPACE";
        let found = self.text(NAME)?;
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/#: ".contains(&byte);
        if found.len() <= 255
            && found.bytes().all(is_allowed)
            && !found.starts_with(':')
            && !found.starts_with("AWS/")
        {
            return Some(found);
        }
        let expected =
            "up to 255 letters, digits, spaces or ._-/#: that begin neither with a colon nor with AWS/";
        self.fault(NAME, &found, expected);
        None
    }

    fn alert_webhook_url(&mut self) -> Option<SecretString> {
        const NAME: &str = "ALERT_WEBHOOK_URL";
        let found = self.text(NAME)?;
        if Url::parse(&found).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Some(SecretString::from(found));
        }
        self.found.faults.push(format!(
            "  {NAME}: not an http or https URL (not shown, it is a secret)"
        ));
        None
    }

    fn opentelemetry(&mut self) -> Option<OpenTelemetry> {
        const NAME: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        self.text(NAME)?;
        Some(OpenTelemetry {
            endpoint: self.url(NAME, "http://localhost:4318"),
            headers: self.text("OTEL_EXPORTER_OTLP_HEADERS").map(SecretString::from),
            service_name: self.text("OTEL_SERVICE_NAME"),
            resource_attributes: self.text("OTEL_RESOURCE_ATTRIBUTES"),
        })
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
