//! The record of all calls, which tests and operators read at `/_sandbox/calls`.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;

use super::endpoint::Endpoint;

/// Older calls are forgotten, so that a sandbox may run for weeks.
const KEPT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    /// Number of the call at the front.
    first: usize,
    calls: VecDeque<Call>,
}

/// One call, in the order of arrival.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Call {
    endpoint: &'static str,
    /// Path and query.
    path: String,
    /// None while it is being answered, and where the connection was closed without an answer.
    status: Option<u16>,
    /// Arrival, in milliseconds since the sandbox started.
    at_ms: f64,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            calls: Mutex::default(),
        }
    }

    /// Notes a call and returns its number, for [`Journal::answered`].
    pub(crate) fn arrived(&self, endpoint: Endpoint, path: String) -> usize {
        let at_ms = (self.started.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        let mut kept = self.lock();
        if kept.calls.len() == KEPT {
            kept.calls.pop_front();
            kept.first += 1;
        }
        kept.calls.push_back(Call {
            endpoint: endpoint.name(),
            path,
            status: None,
            at_ms,
        });
        kept.first + kept.calls.len() - 1
    }

    pub(crate) fn answered(&self, number: usize, status: u16) {
        let mut kept = self.lock();
        let place = number.checked_sub(kept.first);
        if let Some(call) = place.and_then(|place| kept.calls.get_mut(place)) {
            call.status = Some(status);
        }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.lock().calls.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let mut kept = self.lock();
        kept.first += kept.calls.len();
        kept.calls.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
