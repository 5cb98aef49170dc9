//! One request: the permit, the token, sending, and what the answer means.

use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{Client, Endpoint, SpotifyError, calls_per_second, daily_budget};
use crate::http::{Answer, Exchange, Repeat, retry_after};

/// What is asked for, with all its repeats.
struct Call<'a> {
    endpoint: Endpoint,
    url: Url,
    exchange: Exchange<'a>,
}

/// Spotify wants no more calls for longer than this process will wait.
pub(super) struct Refusal {
    endpoint: Endpoint,
    not_before: DateTime<Utc>,
    reason: String,
}

impl Client {
    /// The body of a 200 from `path`, which starts below the API's base, read whole and understood by `decode`.
    /// Ids are base62 and numbers are digits, so that nothing in a path needs escaping.
    pub(super) async fn get<T>(
        &self,
        endpoint: Endpoint,
        path: &str,
        decode: impl Fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<T, SpotifyError> {
        let call = Call {
            endpoint,
            url: self.url(endpoint, path)?,
            exchange: Exchange::new(&self.http, &self.counter, endpoint.as_str()),
        };
        let attempt = || async {
            let body = self.attempt(&call).await?;
            self.counter.read(endpoint.as_str(), body.len());
            decode(&body).map_err(|error| {
                self.counter.failed(endpoint.as_str(), false);
                SpotifyError::unreadable(endpoint, format!("the body is not what was asked for: {error}"))
            })
        };
        let repeat = Repeat {
            endpoint: endpoint.as_str(),
            counter: &self.counter,
            times: self.repeats,
        };
        let answer = repeat.until_answered(|wait| self.hold_back(endpoint, wait), attempt);
        let answer = answer.await.map_err(SpotifyError::after_every_repeat);
        self.learn_from(endpoint, &answer);
        answer
    }

    /// Every call wants a token, so that all wait while it is waited for; their pace is another server's matter.
    pub(super) async fn bearer(&self) -> Result<SecretString, SpotifyError> {
        let tell = |wait| self.tell_of_429(Endpoint::Token, wait);
        self.token.bearer(&self.counter, tell).await
    }

    fn hold_back(&self, endpoint: Endpoint, wait: Duration) {
        self.limiter.slow_down(wait);
        self.tell_of_429(endpoint, wait);
    }

    fn tell_of_429(&self, endpoint: Endpoint, wait: Duration) {
        let wait_seconds = wait.as_secs_f64();
        let done = match self.done.load(Ordering::Relaxed) {
            done @ 0..=1000 => format!(", {} % done", done / 10),
            _ => String::new(),
        };
        tracing::warn!(
            endpoint = endpoint.as_str(),
            wait_seconds,
            calls_per_second = self.limiter.pace().0,
            "429 on {endpoint}, all calls wait {wait_seconds:.0} s{done}"
        );
    }

    /// What an answer says about the app, and about calls that are still to come.
    fn learn_from<T>(&self, endpoint: Endpoint, answer: &Result<T, SpotifyError>) {
        match answer {
            Ok(_) => {
                if self.app.answered(endpoint) {
                    self.apply_mode();
                }
            }
            Err(SpotifyError::Forbidden { message, .. }) => {
                let words = message.as_deref().unwrap_or("without a message");
                self.refused(endpoint, &format!("403 {words}"));
            }
            Err(error) => self.heed(error),
        }
    }

    /// Where Spotify wants no more calls for long, none is made after this one.
    pub(super) fn heed(&self, error: &SpotifyError) {
        let SpotifyError::Postponed {
            endpoint,
            not_before,
            reason,
        } = error
        else {
            return;
        };
        if reason == QUOTA_EXCEEDED && self.app.met_its_quota() {
            self.apply_mode();
        }
        let refusal = Refusal {
            endpoint: *endpoint,
            not_before: *not_before,
            reason: reason.clone(),
        };
        *self.refusal() = Some(refusal);
    }

    pub(super) fn not_before(&self) -> Option<DateTime<Utc>> {
        self.refusal().as_ref().map(|refusal| refusal.not_before)
    }

    fn refusal(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn refused(&self, endpoint: Endpoint, reason: &str) {
        tracing::info!(
            endpoint = endpoint.as_str(),
            "{endpoint} is closed to this app ({reason})"
        );
        if self.app.refused(endpoint, reason) {
            self.apply_mode();
        }
    }

    /// An app in development mode gets less, where the settings do not say what it gets.
    fn apply_mode(&self) {
        let development = self.is_in_development();
        let (pace, budget) = (
            calls_per_second(&self.settings, development),
            daily_budget(&self.settings, development),
        );
        self.limiter.allow(pace);
        self.allowance.limit(budget);
        let mode = if development {
            "development"
        } else {
            "extended quota"
        };
        let a_day = budget.map_or("any number of".to_owned(), |calls| calls.to_string());
        tracing::info!(
            calls_per_second = pace,
            daily_budget = budget,
            "the app is in {mode} mode: {pace} calls a second, {a_day} calls a day"
        );
    }

    fn url(&self, endpoint: Endpoint, path: &str) -> Result<Url, SpotifyError> {
        let base = self.settings.api_url.as_str().trim_end_matches('/');
        let text = format!("{base}{path}");
        let mut url = Url::parse(&text).map_err(|error| SpotifyError::NoAnswer {
            endpoint,
            detail: format!("{text} is no URL: {error}"),
            was_connected: false,
        })?;
        if let Some(market) = self
            .settings
            .market
            .as_ref()
            .filter(|_| endpoint.depends_on_market())
        {
            url.query_pairs_mut().append_pair("market", market);
        }
        Ok(url)
    }

    /// Sends once; a 401 renews the token and sends once more.
    async fn attempt(&self, call: &Call<'_>) -> Result<Bytes, SpotifyError> {
        let token = self.permitted_bearer().await?;
        match self.send(call, &token).await {
            Err(SpotifyError::Unauthorized(_)) => {
                self.counter.repeated(call.endpoint.as_str(), Duration::ZERO);
                self.token.forget(&token).await;
                let renewed = self.permitted_bearer().await?;
                self.send(call, &renewed).await
            }
            answer => answer,
        }
    }

    /// The permit comes first: a token fetched before a long wait for it could have expired by then.
    async fn permitted_bearer(&self) -> Result<SecretString, SpotifyError> {
        self.limiter.permit().await;
        if let Some(refusal) = &*self.refusal() {
            return Err(SpotifyError::Postponed {
                endpoint: refusal.endpoint,
                not_before: refusal.not_before,
                reason: refusal.reason.clone(),
            });
        }
        let token = self.bearer().await?;
        self.allowance.take().await?;
        Ok(token)
    }

    /// Sends once. What goes out and what comes of it is counted here, so that what was never sent is not.
    async fn send(&self, call: &Call<'_>, token: &SecretString) -> Result<Bytes, SpotifyError> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
            .map_err(|_| SpotifyError::Token("it cannot stand in a header".to_owned()))?;
        bearer.set_sensitive(true);
        let mut request = Request::new(Method::GET, call.url.clone());
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let answer = self.answer(call, request).await;
        answer.inspect_err(|error| self.counter.failed(call.endpoint.as_str(), error.is_429()))
    }

    async fn answer(&self, call: &Call<'_>, request: Request) -> Result<Bytes, SpotifyError> {
        let endpoint = call.endpoint;
        let failed = |error: reqwest::Error| SpotifyError::broken_off(endpoint, &error);
        let Answer {
            status,
            headers,
            body,
        } = call.exchange.send(request).await.map_err(failed)?;
        let wait = retry_after(&headers, Utc::now());
        if status == StatusCode::OK {
            return body.map_err(failed);
        }
        // an error's body that cannot be read takes nothing from what its status says
        let ErrorBody { message, reason } = ErrorBody::read(&body.unwrap_or_default());
        let status = status.as_u16();
        Err(match status {
            401 => SpotifyError::Unauthorized(endpoint),
            403 if message.as_deref().is_some_and(is_about_premium) => {
                SpotifyError::PremiumRequired(message.unwrap_or_default())
            }
            403 => SpotifyError::Forbidden { endpoint, message },
            429 => slow_down(endpoint, wait, reason, self.settings.max_wait),
            500..=599 => SpotifyError::ServerError { endpoint, status },
            _ => SpotifyError::Rejected {
                endpoint,
                status,
                message,
            },
        })
    }
}

/// Spotify's word for a quota of the day that is used up.
const QUOTA_EXCEEDED: &str = "QUOTA_EXCEEDED";

/// What a 429 comes to: a wait that is sat out, or one that is left to a later run.
pub(super) fn slow_down(
    endpoint: Endpoint,
    wait: Option<Duration>,
    reason: Option<String>,
    max_wait: Duration,
) -> SpotifyError {
    let quota_used_up = reason.as_deref() == Some(QUOTA_EXCEEDED);
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
            reason: QUOTA_EXCEEDED.to_owned(),
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

/// What an error's body says, as far as it says anything.
#[derive(Default, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) message: Option<String>,
    pub(super) reason: Option<String>,
}

impl ErrorBody {
    pub(super) fn read(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Envelope {
            error: ErrorBody,
        }
        let without_nul = |text: String| text.replace('\0', "\u{fffd}");
        match serde_json::from_slice(body) {
            Ok(Envelope { error }) => Self {
                message: error.message.map(without_nul),
                reason: error.reason.map(without_nul),
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
                    message: Some(text).filter(|text| !text.is_empty() && !text.starts_with('<')),
                    reason: None,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errors_words_can_be_stored() {
        let said = |body: &str| {
            let ErrorBody { message, reason } = ErrorBody::read(body.as_bytes());
            (message.unwrap_or_default(), reason.unwrap_or_default())
        };
        let json = r#"{"error":{"message":"Too\u0000many","reason":"QUOTA\u0000"}}"#;
        assert_eq!(said(json), ("Too\u{fffd}many".into(), "QUOTA\u{fffd}".into()));
        assert_eq!(said(" Bad\0 gateway\n"), ("Bad gateway".into(), String::new()));
    }
}
