//! One request: the permit, the token, sending, and what the answer means.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::retry::Repeat;
use super::{Client, Endpoint, SpotifyError};

impl Client {
    /// The body of a 200 from `path`, which starts below the API's base, read whole and understood by `decode`.
    /// Ids are base62 and numbers are digits, so that nothing in a path needs escaping.
    pub(super) async fn get<T>(
        &self,
        endpoint: Endpoint,
        path: &str,
        decode: impl Fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<T, SpotifyError> {
        let url = self.url(endpoint, path)?;
        let attempt = || async {
            let body = self.attempt(endpoint, &url).await?;
            self.counter.read(endpoint, body.len());
            decode(&body)
                .map_err(|error| no_answer(endpoint, &format!("the body is not what was asked for: {error}")))
        };
        let counted = || async {
            attempt().await.inspect_err(|error| {
                // what the token endpoint failed to do is counted there
                if !error.is_about_the_token() {
                    self.counter
                        .failed(endpoint, matches!(error, SpotifyError::RateLimited { .. }));
                }
            })
        };
        let repeat = Repeat {
            endpoint,
            counter: &self.counter,
            times: self.repeats,
        };
        repeat
            .until_answered(|wait| self.limiter.pause(wait), counted)
            .await
    }

    fn url(&self, endpoint: Endpoint, path: &str) -> Result<Url, SpotifyError> {
        let mut url = format!("{}{path}", self.api_url.as_str().trim_end_matches('/'));
        let depends_on_market = !matches!(endpoint, Endpoint::NewReleases | Endpoint::AudioFeatures);
        if let Some(market) = self.market.as_ref().filter(|_| depends_on_market) {
            url.push_str("&market=");
            url.push_str(market);
        }
        Url::parse(&url).map_err(|error| no_answer(endpoint, &format!("{url} is no URL: {error}")))
    }

    /// Sends once; a 401 renews the token and sends once more.
    async fn attempt(&self, endpoint: Endpoint, url: &Url) -> Result<Bytes, SpotifyError> {
        let token = self.permitted_bearer().await?;
        match self.send(endpoint, url, &token).await {
            Err(SpotifyError::Unauthorized(_)) => {
                self.counter.failed(endpoint, false);
                self.counter.repeated(endpoint, Duration::ZERO);
                self.token.forget(&token).await;
                let renewed = self.permitted_bearer().await?;
                self.send(endpoint, url, &renewed).await
            }
            answer => answer,
        }
    }

    /// The permit comes first: a token fetched before a long wait for it could have expired by then.
    async fn permitted_bearer(&self) -> Result<SecretString, SpotifyError> {
        self.limiter.permit().await;
        self.token.bearer(&self.counter).await
    }

    async fn send(&self, endpoint: Endpoint, url: &Url, token: &SecretString) -> Result<Bytes, SpotifyError> {
        self.counter.sent(endpoint);
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
            .map_err(|_| SpotifyError::Token("it cannot stand in a header".to_owned()))?;
        bearer.set_sensitive(true);
        let failed = |error: reqwest::Error| no_answer(endpoint, &describe(&error));
        let response = self
            .http
            .get(url.clone())
            .header(AUTHORIZATION, bearer)
            .send()
            .await
            .map_err(failed)?;
        let (status, wait) = (response.status().as_u16(), retry_after(response.headers()));
        let body = response.bytes().await;
        if status == 200 {
            return body.map_err(failed);
        }
        // an error's body that cannot be read takes nothing from what its status says
        let ErrorBody { message, reason } = ErrorBody::read(&body.unwrap_or_default());
        Err(match status {
            401 => SpotifyError::Unauthorized(endpoint),
            403 if message.as_deref().is_some_and(is_about_premium) => {
                SpotifyError::PremiumRequired(message.unwrap_or_default())
            }
            403 => SpotifyError::Forbidden { endpoint, message },
            429 => slow_down(endpoint, wait, reason, self.max_wait),
            500..=599 => SpotifyError::ServerError { endpoint, status },
            _ => SpotifyError::Rejected {
                endpoint,
                status,
                message,
            },
        })
    }
}

/// What a 429 comes to: a wait that is sat out, or one that is left to a later run.
pub(super) fn slow_down(
    endpoint: Endpoint,
    wait: Option<Duration>,
    reason: Option<String>,
    max_wait: Duration,
) -> SpotifyError {
    let quota_used_up = reason.as_deref() == Some("QUOTA_EXCEEDED");
    match wait {
        Some(wait) if wait > max_wait || quota_used_up => SpotifyError::Postponed {
            endpoint,
            not_before: Utc::now() + wait,
            reason: reason.unwrap_or_else(|| format!("429 with Retry-After {} s", wait.as_secs())),
        },
        // a quota counts a rolling day; without a time to come back, ask again in an hour
        None if quota_used_up => SpotifyError::Postponed {
            endpoint,
            not_before: Utc::now() + Duration::from_secs(3600),
            reason: "QUOTA_EXCEEDED".to_owned(),
        },
        wait => SpotifyError::RateLimited {
            endpoint,
            retry_after: wait,
        },
    }
}

/// Spotify's words for a lapsed subscription of the app's owner, in more than one wording.
fn is_about_premium(message: &str) -> bool {
    message.to_lowercase().contains("premium subscription")
}

/// Retry-After in whole seconds. Missing, zero, absurd (over 30 days) or no number: `None`, so that the pauses
/// grow by themselves.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    (1..=30 * 86_400)
        .contains(&seconds)
        .then(|| Duration::from_secs(seconds))
}

/// What went wrong below HTTP, to the last cause, without the URL.
pub(super) fn describe(error: &reqwest::Error) -> String {
    let mut text = match error {
        error if error.is_timeout() => "timed out".to_owned(),
        error if error.is_connect() => "could not connect".to_owned(),
        error if error.is_body() || error.is_decode() => "the body was cut off".to_owned(),
        _ => "the connection failed".to_owned(),
    };
    let mut cause = error.source();
    while let Some(error) = cause {
        cause = error.source();
        if cause.is_none() {
            text = format!("{text} ({error})");
        }
    }
    text
}

fn no_answer(endpoint: Endpoint, detail: &str) -> SpotifyError {
    SpotifyError::NoAnswer {
        endpoint,
        detail: detail.to_owned(),
    }
}

/// What an error's body says, as far as it says anything.
#[derive(Default, Deserialize)]
struct ErrorBody {
    message: Option<String>,
    reason: Option<String>,
}

impl ErrorBody {
    fn read(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Envelope {
            error: ErrorBody,
        }
        match serde_json::from_slice(body) {
            Ok(Envelope { error }) => Self {
                message: error.message.map(|text| text.replace('\0', "\u{fffd}")),
                reason: error.reason,
            },
            Err(_) => {
                let text = String::from_utf8_lossy(body);
                let text: String = text
                    .trim()
                    .chars()
                    .filter(|character| *character != '\0')
                    .take(200)
                    .collect();
                Self {
                    message: Some(text).filter(|text| !text.is_empty()),
                    reason: None,
                }
            }
        }
    }
}
