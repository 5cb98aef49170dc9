//! What a fault answers with, where it answers by itself.

use axum::http::StatusCode;
use chrono::{TimeDelta, Utc};

use super::Kind;
use crate::sandbox::endpoint::Endpoint;
use crate::sandbox::problem::Problem;

/// How the body of an error looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Text,
    Html,
    Empty,
}

/// What the header Retry-After says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    Missing,
    Seconds(u64),
    /// An HTTP-date, so many seconds ahead.
    Date(u32),
    Word,
}

const SERVER_ERRORS: [StatusCode; 4] = [
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];
const FORMS: [Form; 4] = [Form::Json, Form::Text, Form::Html, Form::Empty];

impl Kind {
    /// The kind as it shows at its nth strike, counted from 0.
    pub(super) fn in_turn(&self, n: u64) -> Kind {
        let n = n as usize;
        // Another form for every status after each round: sixteen strikes show every pair.
        let turn = SERVER_ERRORS.get(n % 4).zip(FORMS.get((n + n / 4) % 4));
        match (self, turn) {
            (Kind::ServerErrors, Some((status, form))) => Kind::Status(*status, *form),
            _ => self.clone(),
        }
    }

    /// The error that this fault answers with; None for a fault of another nature.
    pub(crate) fn problem(&self, endpoint: Endpoint) -> Option<Problem> {
        let too_many = StatusCode::TOO_MANY_REQUESTS;
        Some(match *self {
            Kind::Status(status, form) => form.problem(endpoint, status),
            Kind::TooManyRequests(retry_after, form) => {
                retry_after.in_header_of(form.problem(endpoint, too_many))
            }
            Kind::Quota { retry_after } if endpoint == Endpoint::ReccoBeats => {
                Form::Json.problem(endpoint, too_many).retry_after(retry_after)
            }
            Kind::Quota { retry_after } => Problem::quota_exceeded(retry_after),
            Kind::Premium(form) => premium(form),
            Kind::NotJson => Problem::text(
                StatusCode::OK,
                "application/json; charset=utf-8",
                "upstream says hello",
            ),
            _ => return None,
        })
    }
}

impl Form {
    fn problem(self, endpoint: Endpoint, status: StatusCode) -> Problem {
        let message = message(status);
        match self {
            Form::Json => json(endpoint, status),
            Form::Text => Problem::text(status, "text/plain", message),
            Form::Html => {
                let page = format!("<html><head><title>{status}</title></head><body>{message}</body></html>");
                Problem::text(status, "text/html", &page)
            }
            Form::Empty => Problem::text(status, "text/plain", ""),
        }
    }
}

impl RetryAfter {
    fn in_header_of(self, problem: Problem) -> Problem {
        match self {
            RetryAfter::Missing => problem,
            RetryAfter::Seconds(seconds) => problem.retry_after(seconds),
            // By the real clock: it is the one that clients go by.
            RetryAfter::Date(seconds) => {
                let date = Utc::now() + TimeDelta::seconds(seconds.into());
                problem.retry_after(date.format("%a, %d %b %Y %H:%M:%S GMT"))
            }
            RetryAfter::Word => problem.retry_after("soon"),
        }
    }
}

/// The error in the shape of the service that the endpoint belongs to.
fn json(endpoint: Endpoint, status: StatusCode) -> Problem {
    let message = message(status);
    match (endpoint, status.as_u16()) {
        (Endpoint::ReccoBeats, 400) => Problem::reccobeats(status, 4002, message),
        (Endpoint::ReccoBeats, 404) => Problem::reccobeats(status, 4041, message),
        (Endpoint::ReccoBeats, 429) => Problem::reccobeats(status, 4291, message),
        (Endpoint::ReccoBeats, code) => Problem::reccobeats(status, code, message),
        (Endpoint::AudioFeatures, 403) => Problem::without_message(status),
        (_, 401) => Problem::unauthorized("invalid_token", "The access token expired"),
        (_, 429) => Problem::rate_limited(),
        _ => Problem::web_api(status, message),
    }
}

fn premium(form: Form) -> Problem {
    let message = "Active premium subscription required for the owner of the app";
    match form {
        Form::Json => Problem::web_api(StatusCode::FORBIDDEN, message),
        _ => Problem::text(StatusCode::FORBIDDEN, "text/plain", &format!("{message}.")),
    }
}

fn message(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "Bad request.",
        403 => "Forbidden",
        404 => "Resource not found",
        429 => "Too many requests",
        500 => "Server error.",
        502 => "Bad gateway.",
        503 => "Service unavailable.",
        504 => "Gateway timeout.",
        _ => "Unexpected.",
    }
}
