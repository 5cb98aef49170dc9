//! The rolling window of the Web API's rate limit.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct RateWindow {
    calls: usize,
    length: Duration,
    admitted: Mutex<VecDeque<Instant>>,
}

impl RateWindow {
    /// Admits `calls` calls in any `length`; 0 calls is no limit.
    pub(crate) fn new(calls: usize, length: Duration) -> Self {
        Self {
            calls,
            length,
            admitted: Mutex::default(),
        }
    }

    /// Admits a call, or says after how many whole seconds the next one is admitted.
    pub(crate) fn admit(&self) -> Result<(), u64> {
        self.admit_at(Instant::now())
    }

    /// A refused call does not count: the contract has no firm word on whether it does.
    fn admit_at(&self, now: Instant) -> Result<(), u64> {
        if self.calls == 0 {
            return Ok(());
        }
        let mut admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        while admitted
            .front()
            .is_some_and(|call| now.duration_since(*call) >= self.length)
        {
            admitted.pop_front();
        }
        match admitted.front() {
            Some(oldest) if admitted.len() >= self.calls => {
                let wait = self.length.saturating_sub(now.duration_since(*oldest));
                Err((wait.as_secs_f64().ceil() as u64).max(1))
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
        let window = RateWindow::new(2, Duration::from_secs(30));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs_f64(seconds);
        assert_eq!(window.admit_at(at(0.0)), Ok(()));
        assert_eq!(window.admit_at(at(20.0)), Ok(()));
        assert_eq!(window.admit_at(at(20.5)), Err(10));
        assert_eq!(window.admit_at(at(29.99)), Err(1));
        assert_eq!(window.admit_at(at(30.0)), Ok(()));
        assert_eq!(window.admit_at(at(31.0)), Err(19));
    }
}
