//! The count of what was asked of each endpoint.

use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::Sub;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// What was asked of one endpoint, or of several together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Calls {
    /// HTTP requests sent, every repeat included.
    pub calls: u64,
    /// Requests that were repeats.
    pub retries: u64,
    /// Answers with status 429.
    pub rate_limited: u64,
    /// Requests without a usable answer: every status but 2xx and 429, timeouts, cut bodies.
    pub failed: u64,
    /// Body bytes, decompressed.
    pub bytes: u64,
    /// Seconds that calls stood still because of a Retry-After or a backoff.
    pub waited_seconds: f64,
}

/// Calls by endpoint, as `ops.api_calls` names it. Endpoints of Spotify's Web API start with a slash.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CallsByEndpoint(pub BTreeMap<&'static str, Calls>);

impl CallsByEndpoint {
    /// All endpoints of the Web API together, without token requests and other APIs.
    #[must_use]
    pub fn total(&self) -> Calls {
        let is_web_api = |endpoint: &str| endpoint.starts_with('/') && endpoint != "/api/token";
        let web_api = self.0.iter().filter(|(endpoint, _)| is_web_api(endpoint));
        web_api.map(|(_, calls)| *calls).sum()
    }

    /// All endpoints of all APIs together.
    #[must_use]
    pub fn of_all_apis(&self) -> Calls {
        self.0.values().copied().sum()
    }

    /// These and those of another API.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }
}

impl Sum for Calls {
    fn sum<I: Iterator<Item = Self>>(calls: I) -> Self {
        calls.fold(Self::default(), |sum, one| Self {
            calls: sum.calls + one.calls,
            retries: sum.retries + one.retries,
            rate_limited: sum.rate_limited + one.rate_limited,
            failed: sum.failed + one.failed,
            bytes: sum.bytes + one.bytes,
            waited_seconds: sum.waited_seconds + one.waited_seconds,
        })
    }
}

impl Sub for Calls {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            calls: self.calls - earlier.calls,
            retries: self.retries - earlier.retries,
            rate_limited: self.rate_limited - earlier.rate_limited,
            failed: self.failed - earlier.failed,
            bytes: self.bytes - earlier.bytes,
            waited_seconds: self.waited_seconds - earlier.waited_seconds,
        }
    }
}

/// Counts while calls are made.
#[derive(Debug, Default)]
pub struct Counter(Mutex<CallsByEndpoint>);

impl Counter {
    /// A request goes out.
    pub fn sent(&self, endpoint: &'static str) {
        self.update(endpoint, |calls| calls.calls += 1);
    }

    /// So many bytes of a body were read.
    pub fn read(&self, endpoint: &'static str, bytes: usize) {
        self.update(endpoint, |calls| calls.bytes += bytes as u64);
    }

    /// A request had no usable answer.
    pub fn failed(&self, endpoint: &'static str, rate_limited: bool) {
        self.update(endpoint, |calls| {
            let count = if rate_limited {
                &mut calls.rate_limited
            } else {
                &mut calls.failed
            };
            *count += 1;
        });
    }

    /// A request is made once more, after a wait.
    pub fn repeated(&self, endpoint: &'static str, wait: Duration) {
        self.update(endpoint, |calls| {
            calls.retries += 1;
            calls.waited_seconds += wait.as_secs_f64();
        });
    }

    /// The count until now.
    #[must_use]
    pub fn so_far(&self) -> CallsByEndpoint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn update(&self, endpoint: &'static str, change: impl FnOnce(&mut Calls)) {
        change(
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .0
                .entry(endpoint)
                .or_default(),
        );
    }
}
