//! Faults as data: which calls go wrong, and how.

mod notation;

use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use serde::Deserialize;

use crate::sandbox::endpoint::Endpoint;
use crate::sandbox::problem::Problem;

/// One fault, written `ENDPOINT:CALLS:KIND`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Fault {
    /// None is any endpoint.
    endpoint: Option<Endpoint>,
    calls: Calls,
    kind: Kind,
}

/// Which calls of the endpoint, counted from 1 since the fault was set.
#[derive(Clone, Debug, PartialEq)]
enum Calls {
    Range(u64, u64),
    Every(u64),
    /// Those that name this id.
    Naming(String),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Status(StatusCode, Form),
    TooManyRequests {
        retry_after: Option<u64>,
        form: Form,
    },
    Quota {
        retry_after: u64,
    },
    Premium,
    /// The connection is closed without an answer.
    Reset,
    /// The connection is closed in the middle of the body.
    Cut,
    /// The answer comes so many seconds late.
    Stall(f64),
    NotJson,
    ExpireToken,
    Altered(Alteration),
}

/// How the body of an error looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Text,
    Html,
    Empty,
}

/// A good answer that leads astray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alteration {
    /// `next` leads to another host.
    ForeignNext,
    /// A page shows the items of the page before.
    Repeat,
}

/// The faults that are set, each with the number of calls that it has seen.
#[derive(Debug)]
pub(crate) struct Faults(Mutex<Vec<(Fault, u64)>>);

impl Faults {
    pub(crate) fn new(faults: &[Fault]) -> Self {
        let unset = Self(Mutex::default());
        unset.replace(faults.to_vec());
        unset
    }

    /// These and no others from now on; counting starts anew.
    pub(crate) fn replace(&self, faults: Vec<Fault>) {
        *self.lock() = faults.into_iter().map(|fault| (fault, 0)).collect();
    }

    /// What befalls this call: the first fault that strikes it, though every fault counts it.
    pub(crate) fn strike(&self, endpoint: Endpoint, path_and_query: &str) -> Option<Kind> {
        let mut struck = None;
        for (fault, seen) in self.lock().iter_mut() {
            if fault.endpoint.is_some_and(|wanted| wanted != endpoint) {
                continue;
            }
            *seen += 1;
            if struck.is_none() && fault.calls.include(*seen, path_and_query) {
                struck = Some(fault.kind.clone());
            }
        }
        struck
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Fault, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    fn include(&self, number: u64, path_and_query: &str) -> bool {
        match self {
            Calls::Range(first, last) => (*first..=*last).contains(&number),
            Calls::Every(n) => number.is_multiple_of(*n),
            Calls::Naming(id) => path_and_query.contains(id.as_str()),
        }
    }
}

impl Kind {
    /// The error that this fault answers with; None for a fault of another nature.
    pub(crate) fn problem(&self, endpoint: Endpoint) -> Option<Problem> {
        Some(match *self {
            Kind::Status(StatusCode::FORBIDDEN, Form::Json) if endpoint == Endpoint::AudioFeatures => {
                Problem::without_message(StatusCode::FORBIDDEN)
            }
            Kind::Status(StatusCode::UNAUTHORIZED, Form::Json) => {
                Problem::unauthorized("invalid_token", "The access token expired")
            }
            Kind::Status(status, form) => form.problem(status),
            Kind::TooManyRequests {
                retry_after,
                form: Form::Json,
            } => Problem::rate_limited(retry_after),
            Kind::TooManyRequests { retry_after, form } => form
                .problem(StatusCode::TOO_MANY_REQUESTS)
                .retry_after(retry_after),
            Kind::Quota { retry_after } => Problem::quota_exceeded(retry_after),
            Kind::Premium => Problem::web_api(
                StatusCode::FORBIDDEN,
                "Active premium subscription required for the owner of the app",
            ),
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
    fn problem(self, status: StatusCode) -> Problem {
        let message = message(status);
        match self {
            Form::Json => Problem::web_api(status, message),
            Form::Text => Problem::text(status, "text/plain", message),
            Form::Html => {
                let page = format!("<html><head><title>{status}</title></head><body>{message}</body></html>");
                Problem::text(status, "text/html", &page)
            }
            Form::Empty => Problem::text(status, "text/plain", ""),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        text.parse().unwrap()
    }

    #[test]
    fn strikes_the_calls_it_names() {
        let faults = Faults::new(&[fault("tracks:2-3:503"), fault("any:every/4:reset")]);
        let struck: Vec<bool> = (0..8)
            .map(|_| faults.strike(Endpoint::Tracks, "/v1/tracks").is_some())
            .collect();
        assert_eq!(struck, [false, true, true, true, false, false, false, true]);
        faults.replace(vec![fault("albums:id=6cI8Fq1iIqpuXovoGjgQap:500")]);
        assert_eq!(
            faults.strike(Endpoint::Albums, "/v1/albums?ids=7y8ueqK0tYapSH80LgXJQC"),
            None
        );
        assert!(
            faults
                .strike(Endpoint::Albums, "/v1/albums?ids=7y8,6cI8Fq1iIqpuXovoGjgQap")
                .is_some()
        );
        assert_eq!(
            faults.strike(Endpoint::Tracks, "/v1/tracks?ids=6cI8Fq1iIqpuXovoGjgQap"),
            None
        );
    }
}
