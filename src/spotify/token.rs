//! The access token: client credentials, one renewal for all tasks, before it expires.

use std::time::Duration;

use chrono::Utc;
use oauth2::basic::{BasicClient, BasicErrorResponseType};
use oauth2::{
    AsyncHttpClient, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    RequestTokenError, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::request::slow_down;
use super::{Endpoint, SpotifyError};
use crate::config::{Credentials, Spotify};
use crate::http::{Answer, Counter, Exchange, Repeat, retry_after};

/// A token is renewed this long before it expires, or a tenth of its life where that is shorter.
const MARGIN: Duration = Duration::from_secs(60);
/// Spotify's tokens live an hour; used where the answer does not say.
const LIFETIME: Duration = Duration::from_secs(3600);
/// No token is trusted for longer, whatever the answer says.
const LONGEST_LIFETIME: Duration = Duration::from_secs(86_400);

type TokenClient = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

pub(super) struct TokenSource {
    client: TokenClient,
    http: reqwest::Client,
    max_wait: Duration,
    current: Mutex<Option<Token>>,
}

struct Token {
    secret: SecretString,
    renew_at: Instant,
}

impl TokenSource {
    pub(super) fn new(credentials: &Credentials, settings: &Spotify, http: reqwest::Client) -> Self {
        let client = BasicClient::new(ClientId::new(credentials.client_id.clone()))
            .set_client_secret(ClientSecret::new(
                credentials.client_secret.expose_secret().to_owned(),
            ))
            .set_token_uri(TokenUrl::from_url(settings.token_url.clone()));
        Self {
            client,
            http,
            max_wait: settings.max_wait,
            current: Mutex::new(None),
        }
    }

    /// A token that is good for at least the margin. While one task renews it, the others wait. `on_429` hears of
    /// each wait that is sat out for it.
    pub(super) async fn bearer(
        &self,
        counter: &Counter,
        on_429: impl Fn(Duration),
    ) -> Result<SecretString, SpotifyError> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| Instant::now() < token.renew_at) {
            return Ok(token.secret.clone());
        }
        let token = self.request(counter, on_429).await?;
        let secret = token.secret.clone();
        *current = Some(token);
        Ok(secret)
    }

    /// Forgets `refused`, unless another task has renewed it already.
    pub(super) async fn forget(&self, refused: &SecretString) {
        let mut current = self.current.lock().await;
        if current
            .as_ref()
            .is_some_and(|token| token.secret.expose_secret() == refused.expose_secret())
        {
            *current = None;
        }
    }

    async fn request(&self, counter: &Counter, on_429: impl Fn(Duration)) -> Result<Token, SpotifyError> {
        let http = SharedHttp {
            exchange: Exchange::new(&self.http, counter, Endpoint::Token.as_str()),
            max_wait: self.max_wait,
        };
        let repeat = Repeat {
            endpoint: Endpoint::Token.as_str(),
            counter,
            times: Repeat::OFTEN,
        };
        let attempt = || async {
            let asked_at = Instant::now();
            let request = self.client.exchange_client_credentials();
            let answer = request.request_async(&http).await.map_err(|error| {
                let error = classify(error);
                counter.failed(Endpoint::Token.as_str(), error.is_429());
                error
            })?;
            Ok((asked_at, answer))
        };
        let answer = repeat.until_answered(on_429, attempt);
        let (asked_at, answer) = answer.await.map_err(SpotifyError::after_every_repeat)?;
        let lifetime = answer
            .expires_in()
            .map_or(LIFETIME, |stated| stated.min(LONGEST_LIFETIME));
        Ok(Token {
            secret: SecretString::from(answer.access_token().secret().clone()),
            renew_at: asked_at + lifetime - MARGIN.min(lifetime / 10),
        })
    }
}

type TokenError = RequestTokenError<SpotifyError, oauth2::StandardErrorResponse<BasicErrorResponseType>>;

fn classify(error: TokenError) -> SpotifyError {
    match error {
        RequestTokenError::ServerResponse(response) => match response.error() {
            BasicErrorResponseType::InvalidClient => {
                let words = response.error_description().cloned();
                SpotifyError::InvalidClient(words.unwrap_or_else(|| "invalid_client".to_owned()))
            }
            _ => SpotifyError::Token(response.to_string()),
        },
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(..) => SpotifyError::unreadable(
            Endpoint::Token,
            "its answer is not the JSON of a token".to_owned(),
        ),
        RequestTokenError::Other(detail) => SpotifyError::Token(detail),
    }
}

/// Lets oauth2 use the HTTP client that the process has already.
struct SharedHttp<'a> {
    exchange: Exchange<'a>,
    max_wait: Duration,
}

impl<'c> AsyncHttpClient<'c> for SharedHttp<'_> {
    type Error = SpotifyError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, SpotifyError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let failed = |error: reqwest::Error| SpotifyError::broken_off(Endpoint::Token, &error);
            let request = request.try_into().map_err(failed)?;
            let Answer {
                status,
                headers,
                body,
            } = self.exchange.send(request).await.map_err(failed)?;
            match status.as_u16() {
                429 => {
                    let wait = retry_after(&headers, Utc::now());
                    Err(slow_down(Endpoint::Token, wait, None, self.max_wait))
                }
                500..=599 => Err(SpotifyError::ServerError {
                    endpoint: Endpoint::Token,
                    status: status.as_u16(),
                }),
                _ => {
                    let mut answer = HttpResponse::new(body.map_err(failed)?.to_vec());
                    *answer.status_mut() = status;
                    Ok(answer)
                }
            }
        })
    }
}
