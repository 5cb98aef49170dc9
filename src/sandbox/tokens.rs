//! `POST /api/token` (the contract's section 1), and which access tokens are valid.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::catalogue::id::{Codec, Meaning};
use super::clock::Instant;
use super::problem::Problem;

/// The one client that the sandbox knows.
pub(crate) const CLIENT_ID: &str = "5a4db0c5f1e57b0e55a4db0c5f1e57b0";
/// Its secret.
pub(crate) const CLIENT_SECRET: &str = "c0ffee5a4db0c0ffee5a4db0c0ffee5a";

#[derive(Debug)]
pub(crate) struct Tokens {
    ttl_seconds: u32,
    /// Another one for every sandbox, so that none takes the tokens of an earlier one.
    codec: Codec,
    count: AtomicU64,
    /// Token and the instant at which it expires. Those of the last hours are kept, to tell "expired" from "unknown".
    issued: Mutex<HashMap<String, Instant>>,
}

#[derive(Serialize)]
struct Body<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u32,
}

impl Tokens {
    pub(crate) fn new(ttl_seconds: u32) -> Self {
        let seed = chrono::Utc::now().timestamp_nanos_opt().unwrap_or_default() as u64;
        Self {
            ttl_seconds,
            codec: Codec::new(seed),
            count: AtomicU64::new(0),
            issued: Mutex::default(),
        }
    }

    /// Answers a token request.
    pub(crate) fn answer(&self, headers: &HeaderMap, form: &[u8], now: Instant) -> Response {
        match check(headers, form) {
            Ok(()) => self.issue(now),
            Err(problem) => problem.into_response(),
        }
    }

    /// Checks the token of a call.
    ///
    /// # Errors
    /// 401, or 400 where it is no bearer token.
    pub(crate) fn verify(&self, headers: &HeaderMap, now: Instant) -> Result<(), Problem> {
        if !headers.contains_key(header::AUTHORIZATION) {
            return Err(Problem::unauthorized("missing_token", "No token provided"));
        }
        let Some(token) = bearer(headers) else {
            return Err(Problem::bad_request("Only valid bearer authentication supported"));
        };
        match self.lock().get(token) {
            Some(expiry) if now < *expiry => Ok(()),
            Some(_) => Err(Problem::unauthorized("invalid_token", "The access token expired")),
            None => Err(Problem::unauthorized("invalid_token", "Invalid access token")),
        }
    }

    /// From now on the token of this call is unknown.
    pub(crate) fn revoke(&self, headers: &HeaderMap) {
        if let Some(token) = bearer(headers) {
            self.lock().remove(token);
        }
    }

    /// From now on every token issued so far has expired.
    pub(crate) fn expire_all(&self) {
        self.lock().values_mut().for_each(|expiry| *expiry = Instant(0));
    }

    fn issue(&self, now: Instant) -> Response {
        let token = self.next_token();
        let mut issued = self.lock();
        issued.retain(|_, expiry| now.0 - expiry.0 < 3 * 3_600_000 || expiry.0 == 0);
        issued.insert(token.clone(), Instant(now.0 + i64::from(self.ttl_seconds) * 1000));
        let body = Body {
            access_token: &token,
            token_type: "Bearer",
            expires_in: self.ttl_seconds,
        };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static("no-cache, no-store, must-revalidate"),
            ),
            (header::PRAGMA, HeaderValue::from_static("no-cache")),
        ];
        (headers, serde_json::to_vec(&body).unwrap_or_default()).into_response()
    }

    /// 110 letters and digits that mean nothing to anyone else.
    fn next_token(&self) -> String {
        let album = self.count.fetch_add(1, Ordering::Relaxed);
        (0..5)
            .map(|place| self.codec.encode(Meaning::Track { album, place }).to_string())
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Instant>> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The token of a call.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let credentials = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = credentials.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn check(headers: &HeaderMap, form: &[u8]) -> Result<(), Problem> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if content_type.starts_with("application/json") {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::oauth(
            status,
            "server_error",
            Some("Unexpected status: 415"),
        ));
    }
    let is_form = content_type.starts_with("application/x-www-form-urlencoded");
    let form: HashMap<_, _> = if is_form {
        url::form_urlencoded::parse(form).collect()
    } else {
        HashMap::new()
    };
    let field = |name: &str| form.get(name).map(|value| value.to_string());
    check_client(basic(headers).or_else(|| Some((field("client_id")?, field("client_secret")?))))?;
    let unsupported =
        |why: &str| Problem::oauth(StatusCode::BAD_REQUEST, "unsupported_grant_type", Some(why));
    match field("grant_type").as_deref() {
        Some("client_credentials") => Ok(()),
        Some(other) => Err(unsupported(&format!("grant_type {other} is not supported"))),
        None => Err(unsupported("grant_type parameter is missing")),
    }
}

fn check_client(credentials: Option<(String, String)>) -> Result<(), Problem> {
    let invalid = |why| Err(Problem::oauth(StatusCode::BAD_REQUEST, "invalid_client", why));
    match credentials {
        Some((id, secret)) if id == CLIENT_ID && secret == CLIENT_SECRET => Ok(()),
        Some((id, _)) if id == CLIENT_ID => invalid(Some("Invalid client secret")),
        Some(_) => invalid(Some("Invalid client")),
        None => invalid(None),
    }
}

/// Id and secret of a Basic header; garbage in it is an id that nobody knows.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let encoded = header.strip_prefix("Basic ")?;
    let decoded = STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default();
    let (id, secret) = decoded.split_once(':').unwrap_or((&decoded, ""));
    Some((id.to_owned(), secret.to_owned()))
}
