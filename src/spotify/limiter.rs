//! The one limiter of the process: calls per second, and the pause that a 429 puts on everybody.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

/// Spotify counts calls in a rolling window of 30 s. Calls spaced at exactly the limit would put one too many
/// into a window as soon as one is late, so the limiter goes a little slower than it was told.
const MARGIN: f64 = 0.015;
/// Governor's cells that a call takes. Its bucket holds one more, so that a call which was late by up to a tenth
/// of the period does not put off all that follow; timers are, by a millisecond or more each time.
const CELLS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

pub(super) struct Limiter {
    pace: DefaultDirectRateLimiter,
    paused_until: Mutex<Instant>,
}

impl Limiter {
    /// Lets `calls_per_second` calls through, evenly spaced.
    pub(super) fn new(calls_per_second: f64) -> Self {
        let cells_per_second = calls_per_second * f64::from(CELLS.get());
        let period = Duration::from_secs_f64((1.0 + MARGIN) / cells_per_second).max(Duration::from_nanos(1));
        let quota = Quota::with_period(period).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
        let quota = quota.allow_burst(CELLS.saturating_add(1));
        Self {
            pace: RateLimiter::direct(quota),
            paused_until: Mutex::new(Instant::now()),
        }
    }

    /// Waits until one more call may be sent.
    pub(super) async fn permit(&self) {
        loop {
            let pause = self.paused_until();
            if pause <= Instant::now() {
                // the bucket holds more than a call takes, so that there is always an end to the wait
                self.pace.until_n_ready(CELLS).await.ok();
                if self.paused_until() <= Instant::now() {
                    return;
                }
            } else {
                tokio::time::sleep_until(pause).await;
            }
        }
    }

    /// Holds every call back for at least `wait` from now.
    pub(super) fn pause(&self, wait: Duration) {
        let mut paused_until = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused_until = (*paused_until).max(Instant::now() + wait);
    }

    fn paused_until(&self) -> Instant {
        *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
