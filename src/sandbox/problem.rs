//! Answers that are errors, in the shapes of the contract's sections 1, 2, 6 and 8.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An answer that is an error: its status, headers and body.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    content_type: &'static str,
    body: String,
}

#[derive(Serialize)]
struct WebApiError<'a> {
    error: WebApiErrorBody<'a>,
}

#[derive(Serialize)]
struct WebApiErrorBody<'a> {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct OauthError<'a> {
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'a str>,
}

#[derive(Serialize)]
struct ReccoBeatsError<'a> {
    error: u16,
    message: &'a str,
}

impl Problem {
    /// `{"error":{"status":…,"message":"…"}}`
    pub(crate) fn web_api(status: StatusCode, message: &str) -> Self {
        Self::web_api_with(status, Some(message), None)
    }

    /// `{"error":{"status":…}}`, as the closed audio features answer.
    pub(crate) fn without_message(status: StatusCode) -> Self {
        Self::web_api_with(status, None, None)
    }

    fn web_api_with(status: StatusCode, message: Option<&str>, reason: Option<&str>) -> Self {
        let error = WebApiErrorBody {
            status: status.as_u16(),
            message,
            reason,
        };
        Self::json(status, &WebApiError { error })
    }

    pub(crate) fn bad_request(message: &str) -> Self {
        Self::web_api(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found() -> Self {
        Self::web_api(StatusCode::NOT_FOUND, "Resource not found")
    }

    /// The text is the same for all cases since July 2026; only `www-authenticate` tells them apart.
    pub(crate) fn unauthorized(error: &str, description: &str) -> Self {
        let challenge =
            format!(r#"Bearer realm="spotify", error="{error}", error_description="{description}""#);
        Self::web_api(StatusCode::UNAUTHORIZED, "Missing/invalid/expired access token")
            .with(header::WWW_AUTHENTICATE, challenge)
    }

    pub(crate) fn rate_limited() -> Self {
        Self::web_api(StatusCode::TOO_MANY_REQUESTS, "API rate limit exceeded")
    }

    pub(crate) fn quota_exceeded(retry_after: u64) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self::web_api_with(status, Some("Too many requests"), Some("QUOTA_EXCEEDED")).retry_after(retry_after)
    }

    /// The token endpoint's shape: `{"error":"…","error_description":"…"}`.
    pub(crate) fn oauth(status: StatusCode, error: &str, description: Option<&str>) -> Self {
        Self::json(
            status,
            &OauthError {
                error,
                error_description: description,
            },
        )
    }

    /// ReccoBeats' codes are documented, the keys of its error JSON are not.
    pub(crate) fn reccobeats(status: StatusCode, code: u16, message: &str) -> Self {
        Self::json(status, &ReccoBeatsError { error: code, message })
    }

    /// A body that is no JSON.
    pub(crate) fn text(status: StatusCode, content_type: &'static str, body: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type,
            body: body.to_owned(),
        }
    }

    pub(crate) fn retry_after(self, value: impl ToString) -> Self {
        self.with(header::RETRY_AFTER, value.to_string())
    }

    fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn json(status: StatusCode, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).unwrap_or_default();
        Self {
            status,
            headers: Vec::new(),
            content_type: "application/json",
            body,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Body::from(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=0"),
        );
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}
