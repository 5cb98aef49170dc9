//! Endpoints, and the count of what was asked of each.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Sub;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// An endpoint that firstpress calls. Its text is what `ops.api_calls` and the logs say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(into = "&'static str")]
pub enum Endpoint {
    /// `POST /api/token`
    Token,
    /// `GET /browse/new-releases`
    NewReleases,
    /// `GET /albums?ids=`
    Albums,
    /// `GET /albums/{id}/tracks`
    AlbumTracks,
    /// `GET /tracks?ids=`
    Tracks,
    /// `GET /audio-features?ids=`
    AudioFeatures,
}

impl From<Endpoint> for &'static str {
    fn from(endpoint: Endpoint) -> Self {
        match endpoint {
            Endpoint::Token => "/api/token",
            Endpoint::NewReleases => "/browse/new-releases",
            Endpoint::Albums => "/albums",
            Endpoint::AlbumTracks => "/albums/{id}/tracks",
            Endpoint::Tracks => "/tracks",
            Endpoint::AudioFeatures => "/audio-features",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str((*self).into())
    }
}

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

/// The calls of a process by endpoint.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CallsByEndpoint(pub BTreeMap<Endpoint, Calls>);

impl CallsByEndpoint {
    /// All endpoints of the Web API together. Token requests are not Web API calls and do not count.
    #[must_use]
    pub fn total(&self) -> Calls {
        let mut total = Calls::default();
        for (endpoint, calls) in &self.0 {
            if *endpoint != Endpoint::Token {
                total.calls += calls.calls;
                total.retries += calls.retries;
                total.rate_limited += calls.rate_limited;
                total.failed += calls.failed;
                total.bytes += calls.bytes;
                total.waited_seconds += calls.waited_seconds;
            }
        }
        total
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
pub(super) struct Counter(Mutex<CallsByEndpoint>);

impl Counter {
    pub(super) fn sent(&self, endpoint: Endpoint) {
        self.update(endpoint, |calls| calls.calls += 1);
    }

    pub(super) fn read(&self, endpoint: Endpoint, bytes: usize) {
        self.update(endpoint, |calls| calls.bytes += bytes as u64);
    }

    pub(super) fn failed(&self, endpoint: Endpoint, rate_limited: bool) {
        self.update(endpoint, |calls| {
            let count = if rate_limited {
                &mut calls.rate_limited
            } else {
                &mut calls.failed
            };
            *count += 1;
        });
    }

    pub(super) fn repeated(&self, endpoint: Endpoint, wait: Duration) {
        self.update(endpoint, |calls| {
            calls.retries += 1;
            calls.waited_seconds += wait.as_secs_f64();
        });
    }

    pub(super) fn so_far(&self) -> CallsByEndpoint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn update(&self, endpoint: Endpoint, change: impl FnOnce(&mut Calls)) {
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
