//! Repeats: 5xx, timeouts, resets and cut bodies with growing pauses, a 429 after its Retry-After.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use super::calls::Counter;
use super::{Endpoint, SpotifyError};

/// How often a call is repeated before its failure stands.
const REPEATS: usize = 5;

/// Does `attempt` until it succeeds, fails for good, or has been repeated five times.
/// `hold_back` hears of each wait that a 429 asked for.
pub(super) async fn repeat<T, Attempt, Answer>(
    endpoint: Endpoint,
    counter: &Counter,
    hold_back: impl Fn(Duration),
    attempt: Attempt,
) -> Result<T, SpotifyError>
where
    Attempt: FnMut() -> Answer,
    Answer: Future<Output = Result<T, SpotifyError>>,
{
    let growing_pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_secs(1))
        .with_max_delay(Duration::from_secs(30))
        .with_max_times(REPEATS)
        .with_jitter();
    attempt
        .retry(growing_pauses)
        .when(SpotifyError::is_passing)
        .adjust(|error, pause| match error {
            SpotifyError::RateLimited { retry_after: Some(wait), .. } => pause.map(|_| *wait),
            _ => pause,
        })
        .notify(|error, pause| {
            counter.repeated(endpoint, pause);
            if matches!(error, SpotifyError::RateLimited { .. }) {
                hold_back(pause);
                tracing::warn!(endpoint = %endpoint, wait_seconds = pause.as_secs_f64(), "429 on {endpoint}, all calls wait {:.0} s", pause.as_secs_f64());
            } else {
                tracing::warn!(endpoint = %endpoint, wait_seconds = pause.as_secs_f64(), "{error}; asking again in {:.1} s", pause.as_secs_f64());
            }
        })
        .await
}
