//! Repeats: 5xx, timeouts, resets and cut bodies with growing pauses, a 429 after its Retry-After.

use std::fmt::Display;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use super::Counter;

/// What a repeat needs to know of a failure.
pub trait Passing: Display {
    /// Whether the same call to `endpoint` may well succeed a moment later.
    fn is_passing(&self, endpoint: &str) -> bool;

    /// Whether it is a 429, and the wait that came with it.
    fn rate_limited(&self) -> Option<Option<Duration>>;
}

/// How a call is repeated.
pub struct Repeat<'a> {
    /// Endpoint that is called.
    pub endpoint: &'static str,
    /// Counts the repeats.
    pub counter: &'a Counter,
    /// How often at most.
    pub times: usize,
}

impl Repeat<'_> {
    /// How often a call is repeated before its failure stands: the pauses outlast Spotify's window of 30 s.
    pub const OFTEN: usize = 6;
    /// The same where the patience has been spent on the call that this one is a part of.
    pub const SELDOM: usize = 2;

    /// Does `attempt` until it succeeds, fails for good, or has been repeated often enough.
    /// `hold_back` hears of each wait that a 429 asked for.
    ///
    /// # Errors
    /// The last failure.
    pub async fn until_answered<T, E, Attempt, Answer>(
        self,
        hold_back: impl Fn(Duration),
        attempt: Attempt,
    ) -> Result<T, E>
    where
        E: Passing,
        Attempt: FnMut() -> Answer,
        Answer: Future<Output = Result<T, E>>,
    {
        let endpoint = self.endpoint;
        let growing_pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_secs(1))
            .with_max_delay(Duration::from_secs(8))
            .with_max_times(self.times)
            .with_jitter();
        attempt
            .retry(growing_pauses)
            .when(|error| error.is_passing(endpoint))
            .adjust(|error, pause| match error.rate_limited() {
                Some(Some(wait)) => pause.map(|_| wait),
                _ => pause,
            })
            .notify(|error, pause| {
                self.counter.repeated(endpoint, pause);
                if error.rate_limited().is_some() {
                    hold_back(pause);
                } else {
                    let wait_seconds = pause.as_secs_f64();
                    tracing::warn!(
                        endpoint,
                        wait_seconds,
                        "{error}; asking again in {wait_seconds:.1} s"
                    );
                }
            })
            .await
    }
}
