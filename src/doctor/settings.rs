//! The settings.

use url::{Host, Url};

use super::Finding;
use crate::config::{Config, Origin, WrongSettings};
use crate::transform::{Inputs, Project};

/// 429s were met from about this pace on (calls per second), by those who measured.
const FASTEST: f64 = 10.0;

/// A fault for each setting that cannot be read. Without settings nothing else can be looked at.
#[must_use]
pub fn wrong(settings: &WrongSettings) -> Vec<Finding> {
    let text = settings.to_string();
    let faults = text.lines().skip(1).map(|line| {
        let (name, detail) = line.trim().split_once(": ").unwrap_or(("settings", line));
        Finding::fault(name, detail, "correct it in the environment or .env")
    });
    let rest = Finding::warning(
        "everything else",
        "not looked at: it needs all settings",
        "correct the settings, then run `firstpress doctor` again",
    );
    faults.chain([rest]).collect()
}

/// Looks at settings that can be read.
pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![source(&config.origin), credentials(config)];
    findings.extend(plain_http(config));
    findings.extend(pace(config));
    findings.extend(templates(config));
    findings
}

fn source(origin: &Origin) -> Finding {
    let files = if origin.files.is_empty() {
        let shown = std::path::absolute(".env").unwrap_or_else(|_| ".env".into());
        format!("read from the environment; there is no {}", shown.display())
    } else {
        format!("read from the environment, then {}", origin.files.join(", then "))
    };
    let references = origin.references.iter();
    let references = references.map(|(name, reference)| format!("; {name} from {reference}"));
    Finding::ok("settings", files + &references.collect::<String>())
}

fn credentials(config: &Config) -> Finding {
    match &config.spotify.credentials {
        Some(credentials) => Finding::ok(
            "credentials",
            format!("client id {} and a secret", credentials.client_id),
        ),
        None => Finding::fault(
            "credentials",
            "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are not set, so Spotify is not asked",
            "create an app at https://developer.spotify.com/dashboard and copy both into the environment or \
             .env, or try --sandbox, which needs none",
        ),
    }
}

/// A token, and with it the right to call, could be read on the way.
fn plain_http(config: &Config) -> impl Iterator<Item = Finding> {
    let urls = [
        ("SPOTIFY_API_URL", &config.spotify.api_url),
        ("SPOTIFY_TOKEN_URL", &config.spotify.token_url),
        ("RECCOBEATS_API_URL", &config.reccobeats.api_url),
    ];
    let plain = urls
        .into_iter()
        .filter(|(_, url)| url.scheme() == "http" && !is_loopback(url));
    plain.map(|(name, url)| {
        let detail = format!("{url} is not encrypted: who sits between reads what is sent");
        Finding::warning(name, detail, "use https, or an address of this machine")
    })
}

fn pace(config: &Config) -> Option<Finding> {
    let pace = config.spotify.requests_per_second?;
    (pace > FASTEST && !is_loopback(&config.spotify.api_url)).then(|| {
        Finding::warning(
            "SPOTIFY_REQUESTS_PER_SECOND",
            format!("{pace} calls a second: Spotify was seen to answer 429 from about {FASTEST} on"),
            "leave it empty: firstpress then goes at the pace that suits the app",
        )
    })
}

fn templates(config: &Config) -> Option<Finding> {
    let directory = config.templates_dir.as_deref()?;
    let inputs = Inputs::new(None, config.env_vars.clone());
    Some(
        match inputs.and_then(|inputs| Project::load_with(Some(directory), &inputs)) {
            Ok(_) => Finding::ok("templates", format!("read from {}", directory.display())),
            Err(error) => Finding::fault(
                "templates",
                error.to_string(),
                "correct the file, or TEMPLATES_DIR; left empty, the templates in firstpress are used",
            ),
        },
    )
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    async fn examined(settings: &[(&str, &str)]) -> Vec<String> {
        let settings = settings.iter();
        let sources = Sources {
            environment: settings
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Sources::default()
        };
        let config = Config::read(sources).await.unwrap();
        let findings = examine(&config).into_iter();
        findings
            .filter(|finding| finding.remedy.is_some())
            .map(|finding| finding.subject)
            .collect()
    }

    #[tokio::test]
    async fn only_what_endangers_a_run_is_named() {
        let credentials = [("SPOTIFY_CLIENT_ID", "id"), ("SPOTIFY_CLIENT_SECRET", "s")];
        assert_eq!(examined(&credentials).await, Vec::<String>::new());
        let careless = [
            ("SPOTIFY_API_URL", "http://proxy.example/v1"),
            ("SPOTIFY_TOKEN_URL", "http://127.0.0.1:8089/api/token"),
            ("RECCOBEATS_API_URL", "http://localhost:8089/v1"),
            ("SPOTIFY_REQUESTS_PER_SECOND", "50"),
            ("TEMPLATES_DIR", "/nonexistent"),
        ];
        let expected = [
            "credentials",
            "SPOTIFY_API_URL",
            "SPOTIFY_REQUESTS_PER_SECOND",
            "templates",
        ];
        assert_eq!(examined(&careless).await, expected);
    }
}
