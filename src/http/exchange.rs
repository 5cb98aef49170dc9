//! Sending a request and reading its answer: counted, and shown as a span.

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Client, Request, StatusCode};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::Counter;

/// What one call to an endpoint sends: a request, and its repeats.
pub struct Exchange<'a> {
    /// Sends it.
    http: &'a Client,
    /// Counts what is sent.
    counter: &'a Counter,
    /// The endpoint, as `ops.api_calls` names it.
    endpoint: &'static str,
    sent: AtomicU32,
}

/// An answer, whatever its status.
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, or why it cannot be read.
    pub body: Result<Bytes, reqwest::Error>,
}

impl<'a> Exchange<'a> {
    /// Nothing is sent yet.
    #[must_use]
    pub fn new(http: &'a Client, counter: &'a Counter, endpoint: &'static str) -> Self {
        Self {
            http,
            counter,
            endpoint,
            sent: AtomicU32::new(0),
        }
    }

    /// Sends once, and reads the answer to its end.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, request: Request) -> Result<Answer, reqwest::Error> {
        self.counter.sent(self.endpoint);
        let span = self.span(&request);
        let answer = self.answer(request).instrument(span.clone()).await;
        match &answer {
            Ok(Answer { status, body, .. }) => {
                span.record("http.response.status_code", i64::from(status.as_u16()));
                match body {
                    _ if status.as_u16() >= 400 => failed(&span, status.as_str()),
                    Err(error) => failed(&span, kind(error)),
                    Ok(_) => {}
                }
            }
            Err(error) => failed(&span, kind(error)),
        }
        answer
    }

    async fn answer(&self, request: Request) -> Result<Answer, reqwest::Error> {
        let mut response = self.http.execute(request).await?;
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: response.bytes().await,
        })
    }

    /// By OpenTelemetry's conventions for HTTP clients, of version 1.23 and later, by which numbers are signed. Neither
    /// headers nor the query are in it: the one holds the token, the other hundreds of ids.
    fn span(&self, request: &Request) -> Span {
        let (method, url) = (request.method().as_str(), request.url());
        let resent = self.sent.fetch_add(1, Ordering::Relaxed);
        tracing::debug_span!(
            "call",
            otel.name = format!("{method} {}", self.endpoint),
            otel.kind = "client",
            http.request.method = method,
            http.request.resend_count = (resent > 0).then_some(i64::from(resent)),
            http.response.status_code = Empty,
            url.template = self.endpoint,
            server.address = url.host_str(),
            server.port = url.port_or_known_default().map(i64::from),
            "error.type" = Empty,
            otel.status_code = Empty,
        )
    }
}

fn failed(span: &Span, kind: &str) {
    span.record("error.type", kind);
    span.record("otel.status_code", "ERROR");
}

fn kind(error: &reqwest::Error) -> &'static str {
    match error {
        error if error.is_timeout() => "timeout",
        error if error.is_connect() => "connect",
        error if error.is_body() || error.is_decode() => "body",
        _ => "connection",
    }
}
