//! The one limiter for an API: calls per second, the pause that a 429 puts on everybody, and the pace after it.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

/// Spotify counts calls in a rolling window of 30 s. Calls spaced at exactly the limit would put one too many
/// into a window as soon as one is late, so the limiter goes a little slower than it was told.
const MARGIN: f64 = 0.015;
/// Governor's cells that a call takes. Its bucket holds one more, so that a call which was late by up to a tenth
/// of the period does not put off all that follow; timers are, by a millisecond or more each time.
const CELLS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// After so long without a 429 the pace goes up: the length of Spotify's window.
const QUIET: Duration = Duration::from_secs(30);
/// By how much of the allowed pace it then goes up.
const STEP: f64 = 0.1;
/// The pace is never halved below this part of what is allowed.
const SLOWEST: f64 = 1.0 / 16.0;

/// Spaces calls evenly. A 429 stops all of them for a while and halves the pace, which then creeps up again.
pub struct Limiter(Mutex<State>);

struct State {
    governor: Arc<DefaultDirectRateLimiter>,
    /// Calls per second that the settings allow.
    allowed: f64,
    /// Calls per second now.
    pace: f64,
    paused_until: Instant,
    raise_at: Instant,
    was_slowed_down: bool,
    /// Calls that were let through.
    calls: u32,
}

impl Limiter {
    /// Allows `allowed` calls per second, and starts at `pace` if that is less.
    #[must_use]
    pub fn new(allowed: f64, pace: Option<f64>) -> Self {
        let pace = pace.map_or(allowed, |pace| pace.clamp(allowed * SLOWEST, allowed));
        Self(Mutex::new(State {
            governor: Arc::new(evenly(pace)),
            allowed,
            pace,
            paused_until: Instant::now(),
            raise_at: Instant::now() + QUIET,
            was_slowed_down: false,
            calls: 0,
        }))
    }

    /// Waits until one more call may be sent.
    pub async fn permit(&self) {
        loop {
            let (governor, pause) = {
                let mut state = self.state();
                state.creep_up();
                (Arc::clone(&state.governor), state.paused_until)
            };
            if pause > Instant::now() {
                tokio::time::sleep_until(pause).await;
                continue;
            }
            // the bucket holds more than a call takes, so that there is always an end to the wait
            governor.until_n_ready(CELLS).await.ok();
            let mut state = self.state();
            if state.paused_until <= Instant::now() && Arc::ptr_eq(&governor, &state.governor) {
                state.calls = state.calls.saturating_add(1);
                return;
            }
        }
    }

    /// Holds every call back for at least `wait` from now, and goes on at half the pace. Further 429s of calls
    /// that were under way together halve it no more.
    pub fn slow_down(&self, wait: Duration) {
        let mut state = self.state();
        let now = Instant::now();
        if state.paused_until <= now {
            let slower = (state.pace / 2.0).max(state.allowed * SLOWEST);
            state.set_pace(slower);
        }
        state.was_slowed_down = true;
        state.paused_until = state.paused_until.max(now + wait);
        state.raise_at = state.paused_until + QUIET;
    }

    /// Allows another number of calls per second from now on.
    pub fn allow(&self, allowed: f64) {
        let mut state = self.state();
        // a pace that 429s have lowered stays, and creeps up to what is allowed now
        let was_lowered = state.pace < state.allowed;
        let pace = if was_lowered {
            state.pace.min(allowed)
        } else {
            allowed
        };
        state.allowed = allowed;
        state.set_pace(pace);
    }

    /// The pace to begin with next time, in calls per second; `None` is the allowed one. A process that met no 429
    /// doubles the pace that it began with, since many are too short to creep up; but not where its calls were too
    /// few to tell, as those of a plan are: fewer than fill Spotify's window.
    #[must_use]
    pub fn learned(&self) -> Option<f64> {
        let state = self.state();
        let is_telling = f64::from(state.calls) >= state.pace * QUIET.as_secs_f64();
        let next = if is_telling && !state.was_slowed_down {
            state.pace * 2.0
        } else {
            state.pace
        };
        (next < state.allowed).then_some(next)
    }

    /// Calls per second now, and how many the settings allow.
    #[must_use]
    pub fn pace(&self) -> (f64, f64) {
        let state = self.state();
        (state.pace, state.allowed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn creep_up(&mut self) {
        let now = Instant::now();
        if self.pace < self.allowed && now >= self.raise_at {
            self.set_pace((self.pace + self.allowed * STEP).min(self.allowed));
            self.raise_at = now + QUIET;
        }
    }

    fn set_pace(&mut self, pace: f64) {
        self.pace = pace;
        self.governor = Arc::new(evenly(pace));
        // a new bucket is full, which would let one call through too early
        let _ = self.governor.check_n(CELLS);
    }
}

fn evenly(calls_per_second: f64) -> DefaultDirectRateLimiter {
    let cells_per_second = calls_per_second * f64::from(CELLS.get());
    let period = Duration::from_secs_f64((1.0 + MARGIN) / cells_per_second).max(Duration::from_nanos(1));
    let quota = Quota::with_period(period).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
    RateLimiter::direct(quota.allow_burst(CELLS.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_429_halves_the_pace_once_and_it_creeps_up_to_what_is_allowed() {
        let limiter = Limiter::new(8.0, None);
        limiter.slow_down(Duration::from_secs(2));
        limiter.slow_down(Duration::from_secs(2));
        assert_eq!((limiter.pace(), limiter.learned()), ((4.0, 8.0), Some(4.0)));
        let raised = |limiter: &Limiter| {
            limiter.state().creep_up();
            limiter.pace().0
        };
        tokio::time::advance(Duration::from_secs(31)).await;
        assert!((raised(&limiter) - 4.0).abs() < 1e-9, "too early");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!((raised(&limiter) - 4.8).abs() < 1e-9);
        for _ in 0..9 {
            tokio::time::advance(Duration::from_secs(31)).await;
            raised(&limiter);
        }
        assert_eq!(limiter.pace(), (8.0, 8.0));
    }

    #[test]
    fn a_learned_pace_is_kept_within_what_is_allowed() {
        assert_eq!(Limiter::new(4.0, Some(1.0)).pace().0, 1.0);
        assert_eq!(Limiter::new(4.0, Some(9.0)).pace().0, 4.0);
        assert_eq!(Limiter::new(4.0, Some(0.0)).pace().0, 0.25);
    }

    #[tokio::test]
    async fn a_learned_pace_doubles_after_enough_calls_without_a_429_to_tell() {
        let limiter = Limiter::new(400.0, Some(100.0));
        assert_eq!(limiter.learned(), Some(100.0));
        for _ in 0..9 {
            limiter.permit().await;
        }
        assert_eq!(limiter.state().calls, 9);
        assert_eq!(limiter.learned(), Some(100.0), "a plan or a doctor");
        limiter.state().calls = 3000;
        assert_eq!(limiter.learned(), Some(200.0));
        limiter.slow_down(Duration::ZERO);
        assert_eq!(limiter.learned(), Some(50.0));
        assert_eq!(Limiter::new(4.0, None).learned(), None);
    }
}
