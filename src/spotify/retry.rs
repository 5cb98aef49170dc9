//! Repeats: 5xx, timeouts, resets and cut bodies with growing pauses, a 429 after its Retry-After.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use super::calls::Counter;
use super::{Endpoint, SpotifyError};

/// How often a call is repeated before its failure stands.
pub(super) const REPEATS: usize = 4;
/// The same where the patience has been spent on the call that this one is a part of.
pub(super) const FEW_REPEATS: usize = 2;

/// How a call is repeated.
pub(super) struct Repeat<'a> {
    pub(super) endpoint: Endpoint,
    pub(super) counter: &'a Counter,
    /// How often at most.
    pub(super) times: usize,
}

impl Repeat<'_> {
    /// Does `attempt` until it succeeds, fails for good, or has been repeated often enough.
    /// `hold_back` hears of each wait that a 429 asked for.
    pub(super) async fn until_answered<T, Attempt, Answer>(
        self,
        hold_back: impl Fn(Duration),
        attempt: Attempt,
    ) -> Result<T, SpotifyError>
    where
        Attempt: FnMut() -> Answer,
        Answer: Future<Output = Result<T, SpotifyError>>,
    {
        let endpoint = self.endpoint;
        let growing_pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_secs(1))
            .with_max_delay(Duration::from_secs(30))
            .with_max_times(self.times)
            .with_jitter();
        attempt
            .retry(growing_pauses)
            .when(|error| error.is_passing(endpoint))
            .adjust(|error, pause| match error {
                SpotifyError::RateLimited { retry_after: Some(wait), .. } => pause.map(|_| *wait),
                _ => pause,
            })
            .notify(|error, pause| {
                self.counter.repeated(endpoint, pause);
                let wait_seconds = pause.as_secs_f64();
                if matches!(error, SpotifyError::RateLimited { .. }) {
                    hold_back(pause);
                    tracing::warn!(endpoint = %endpoint, wait_seconds, "429 on {endpoint}, all calls wait {wait_seconds:.0} s");
                } else {
                    tracing::warn!(endpoint = %endpoint, wait_seconds, "{error}; asking again in {wait_seconds:.1} s");
                }
            })
            .await
            .map_err(SpotifyError::after_every_repeat)
    }
}
