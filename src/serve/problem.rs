//! Errors as clients get them: `application/problem+json`, by RFC 9457. None says more than the reader can use; what the
//! database said goes to the log.

use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::explore::is_not_there;

/// A problem.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The HTTP status.
    pub(super) status: u16,
    /// What kind of problem it is, in a few words that stay the same.
    pub(super) title: String,
    /// What is wrong here, and what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            detail: Some(detail.into()),
        }
    }

    /// The request cannot be understood.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is no such thing.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// A fault of the program's own: `what` failed. Why stands in the log.
    pub(super) fn failed(what: &str, error: &dyn fmt::Display) -> Self {
        tracing::error!("{what} failed: {error:#}");
        let detail = format!("{what} failed; the log says why");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// There are no tables before the first publication.
    pub(super) fn nothing_published() -> Self {
        Self::not_found("nothing is published yet; `firstpress run` publishes the first tables")
    }
}

impl From<sqlx::Error> for Problem {
    /// Tables and functions (42883, by Postgres's appendix A) that are not there yet are no fault of the server's, nor is
    /// a database that is away for a while (class 57, and what is no answer at all).
    fn from(error: sqlx::Error) -> Self {
        if is_not_there(&error) {
            return Self::nothing_published();
        }
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            Some("57014") => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database took too long; ask for less, by a filter or a smaller limit",
            ),
            Some("42883") => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database's schema is older than this server; the next run or `firstpress migrate` brings it up to date",
            ),
            Some(code) if !code.starts_with("57") => Self::failed("the database", &error),
            _ => {
                tracing::warn!("the database does not answer: {error}");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the database does not answer now; try again in a minute",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}
