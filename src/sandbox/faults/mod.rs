//! Faults as data: which calls go wrong, and how.

mod answers;
mod file;
mod notation;

use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use serde::Deserialize;

use crate::sandbox::catalogue::dice::Dice;
use crate::sandbox::endpoint::Endpoint;
use answers::{Form, RetryAfter};

pub use file::FaultFile;

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
    /// About so many of all, from 0 to 1.
    Share(f64),
    /// Those that name this id.
    Naming(String),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Status(StatusCode, Form),
    /// Every status and form of a server's error in turn.
    ServerErrors,
    TooManyRequests(RetryAfter, Form),
    Quota {
        retry_after: u64,
    },
    Premium(Form),
    /// The connection is closed without an answer.
    Reset,
    /// The connection is closed in the middle of the body.
    Cut,
    /// The body ends in its middle, and with it the answer: what is whole over HTTP cannot be unpacked or read.
    CutGzip,
    /// The answer comes so many seconds late.
    Stall(f64),
    NotJson,
    /// All tokens have expired.
    ExpireToken,
    /// The token of the call is revoked.
    Revoke,
    Altered(Alteration),
}

/// A good answer that leads astray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alteration {
    /// `next` leads to another host.
    ForeignNext,
    /// A page shows the items of the page before.
    Repeat,
    /// Before the page is answered, another album comes to the head of its list.
    Shift,
}

/// The faults that are set.
#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    set: Mutex<Vec<Set>>,
}

/// A fault, with the number of calls that it has seen, and of those that it struck.
#[derive(Debug)]
struct Set {
    fault: Fault,
    seen: u64,
    struck: u64,
}

impl Faults {
    /// The seed decides which calls a share strikes.
    pub(crate) fn new(seed: u64, faults: Vec<Fault>) -> Self {
        let unset = Self {
            seed,
            set: Mutex::default(),
        };
        unset.replace(faults);
        unset
    }

    /// These and no others from now on; counting starts anew.
    pub(crate) fn replace(&self, faults: Vec<Fault>) {
        let set = |fault| Set {
            fault,
            seen: 0,
            struck: 0,
        };
        *self.lock() = faults.into_iter().map(set).collect();
    }

    /// What befalls this call: the first fault that strikes it, though every fault counts it.
    pub(crate) fn strike(&self, endpoint: Endpoint, path_and_query: &str) -> Option<Kind> {
        let mut struck = None;
        for (set, place) in self.lock().iter_mut().zip(0_u64..) {
            if set.fault.endpoint.is_some_and(|wanted| wanted != endpoint) {
                continue;
            }
            set.seen += 1;
            // Every fault has dice of its own, so that two shares do not strike the same calls.
            let dice = Dice::new([self.seed, 31, place, set.seen]);
            if struck.is_none() && set.fault.calls.include(set.seen, dice, path_and_query) {
                struck = Some(set.fault.kind.in_turn(set.struck));
                set.struck += 1;
            }
        }
        struck
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Set>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    fn include(&self, number: u64, mut dice: Dice, path_and_query: &str) -> bool {
        match self {
            Calls::Range(first, last) => (*first..=*last).contains(&number),
            Calls::Every(n) => number.is_multiple_of(*n),
            Calls::Share(share) => dice.chance(*share),
            Calls::Naming(id) => path_and_query.contains(id.as_str()),
        }
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
        let faults = Faults::new(1, vec![fault("tracks:2-3:503"), fault("any:every/4:reset")]);
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
