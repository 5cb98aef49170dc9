//! What calling any API takes: the count of calls, the exchange of request and answer, the fields met in answers, the
//! limiter, repeats, and what a Retry-After means.

mod calls;
mod exchange;
mod fields;
mod limiter;
#[cfg(test)]
pub(crate) mod malformed;
mod retry;
mod retry_after;

pub use calls::{Calls, CallsByEndpoint, Counter};
pub use exchange::{Answer, Exchange};
pub use fields::{FieldRecorder, FieldSeen, Key, Kind};
pub use limiter::Limiter;
pub use retry::{Passing, Repeat};
pub use retry_after::retry_after;

use std::error::Error;

/// What went wrong below HTTP, to the last cause, without the URL.
#[must_use]
pub fn describe(error: &reqwest::Error) -> String {
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
