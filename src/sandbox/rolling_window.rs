//! A rolling window of calls: the rate limit of seconds, and the quota of a day.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::clock::Instant;

#[derive(Debug)]
pub(crate) struct RollingWindow {
    calls: usize,
    length_ms: i64,
    admitted: Mutex<VecDeque<Instant>>,
}

impl RollingWindow {
    /// Admits `calls` calls in any `length_ms` milliseconds; 0 calls is no limit.
    pub(crate) fn new(calls: usize, length_ms: i64) -> Self {
        Self {
            calls,
            length_ms,
            admitted: Mutex::default(),
        }
    }

    /// Admits a call, or says after how many whole seconds the next one is admitted.
    ///
    /// A refused call does not count: the contract has no firm word on whether it does.
    pub(crate) fn admit(&self, now: Instant) -> Result<(), u64> {
        if self.calls == 0 {
            return Ok(());
        }
        let mut admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        while admitted
            .front()
            .is_some_and(|call| now.0 - call.0 >= self.length_ms)
        {
            admitted.pop_front();
        }
        match admitted.front() {
            Some(oldest) if admitted.len() >= self.calls => {
                let wait_ms = self.length_ms - (now.0 - oldest.0);
                Err((wait_ms as u64).div_ceil(1000))
            }
            _ => {
                admitted.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_window_holds_no_more_than_the_limit() {
        let window = RollingWindow::new(2, 30_000);
        assert_eq!(window.admit(Instant(0)), Ok(()));
        assert_eq!(window.admit(Instant(20_000)), Ok(()));
        assert_eq!(window.admit(Instant(20_500)), Err(10));
        assert_eq!(window.admit(Instant(29_990)), Err(1));
        assert_eq!(window.admit(Instant(30_000)), Ok(()));
        assert_eq!(window.admit(Instant(31_000)), Err(19));
    }
}
