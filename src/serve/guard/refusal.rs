//! Why a request is not answered, and what its sender is told.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::problem::Problem;

/// Nobody keeps a connection by asking what is refused.
const CLOSE: (HeaderName, HeaderValue) = (header::CONNECTION, HeaderValue::from_static("close"));

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It would change something, and nothing can be changed here.
    Method,
    /// Its body is larger than any that is looked at.
    Body,
    /// Its length can be read in two ways, by which requests are smuggled past proxies.
    Chunked,
    /// The address asked for is too long.
    Uri,
    /// Its headers are too long together.
    Headers,
    /// It is for a host that this is not.
    Host,
    /// The page that makes it comes from elsewhere.
    Origin,
    /// Its sender must wait so long.
    TooOften(Duration),
    /// It shows no credentials, or wrong ones; these schemes are taken.
    Credentials {
        /// A token.
        bearer: bool,
        /// User and password.
        basic: bool,
    },
    /// Too many others are under way.
    Busy,
    /// Its answer took too long.
    Late,
}

impl Refusal {
    fn problem(self) -> Problem {
        let (status, detail) = match self {
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "everything here is only read: use GET or HEAD",
            ),
            Self::Body => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "requests need no body, and one of more than 16 KB is not taken",
            ),
            Self::Chunked => (
                StatusCode::BAD_REQUEST,
                "requests need no body, and one in chunks is not taken",
            ),
            Self::Uri => (StatusCode::URI_TOO_LONG, "the address is longer than 8 KB"),
            Self::Headers => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "the headers are longer than 16 KB together",
            ),
            Self::Host => (
                StatusCode::MISDIRECTED_REQUEST,
                "without credentials, only localhost, 127.0.0.1 and [::1] are answered; set SERVE_TOKEN, or SERVE_USER \
                 and SERVE_PASSWORD, to reach this by another name",
            ),
            Self::Origin => (
                StatusCode::FORBIDDEN,
                "a page from elsewhere may not ask; behind a proxy, pass the Host header on as it came",
            ),
            Self::TooOften(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "too many requests from this address; wait as Retry-After says",
            ),
            Self::Credentials { .. } => (
                StatusCode::UNAUTHORIZED,
                "show the token as `Authorization: Bearer TOKEN`, or user and password by basic authentication, as far \
                 as they are set",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "too many requests are under way; try again in a moment",
            ),
            Self::Late => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the answer took too long; try again later, or ask for less",
            ),
        };
        Problem::new(status, detail)
    }

    fn headers(self) -> Vec<(HeaderName, HeaderValue)> {
        let fixed = |name, value| (name, HeaderValue::from_static(value));
        match self {
            Self::Method => vec![fixed(header::ALLOW, "GET, HEAD")],
            // where its body ends is not known for sure, so nothing after it is read
            Self::Body | Self::Chunked => vec![CLOSE],
            Self::TooOften(wait) => {
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let after = HeaderValue::from(seconds.max(1));
                vec![CLOSE, (header::RETRY_AFTER, after)]
            }
            Self::Busy => vec![fixed(header::RETRY_AFTER, "1")],
            Self::Credentials { bearer, basic } => {
                let schemes = [
                    (bearer, r#"Bearer realm="firstpress""#),
                    (basic, r#"Basic realm="firstpress", charset="UTF-8""#),
                ];
                let taken = schemes.into_iter().filter(|(is_taken, _)| *is_taken);
                let taken = taken.map(|(_, scheme)| fixed(header::WWW_AUTHENTICATE, scheme));
                [CLOSE].into_iter().chain(taken).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.problem().into_response();
        for (name, value) in self.headers() {
            response.headers_mut().append(name, value);
        }
        response
    }
}
