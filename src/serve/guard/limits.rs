//! How often one address may ask, how much is under way at once, and how long an answer may take.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use super::super::live::LIVE;
use super::refusal::Refusal;

/// The database answers eight at a time; what waits longer than for a few others does better to come again.
const AT_ONCE: usize = 64;
/// The database ends a statement after 10 seconds; some answers take more than one.
const LONGEST: Duration = Duration::from_secs(15);
/// After so many requests, addresses that have not asked for a while are forgotten.
const REQUESTS_BETWEEN_SWEEPS: u32 = 1024;

pub(super) struct Limits {
    /// None where nobody is held to a rate.
    by_address: Option<DefaultKeyedRateLimiter<IpAddr>>,
    clock: DefaultClock,
    asked: AtomicU32,
    under_way: Semaphore,
}

impl Limits {
    /// Each address may send so many requests a second, and as many at once after a pause.
    pub(super) fn new(requests_per_second: Option<NonZeroU32>) -> Self {
        Self {
            by_address: requests_per_second.map(|rate| RateLimiter::keyed(Quota::per_second(rate))),
            clock: DefaultClock::default(),
            asked: AtomicU32::new(1),
            under_way: Semaphore::new(AT_ONCE),
        }
    }

    /// Whether an address may ask now.
    pub(super) fn check(&self, client: IpAddr) -> Result<(), Refusal> {
        let Some(by_address) = &self.by_address else {
            return Ok(());
        };
        if self
            .asked
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(REQUESTS_BETWEEN_SWEEPS)
        {
            by_address.retain_recent();
            by_address.shrink_to_fit();
        }
        by_address.check_key(&household(client)).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            Refusal::TooOften(wait)
        })
    }

    /// Answers, unless too much is under way or the answer does not begin in time.
    pub(super) async fn run(&self, request: Request, next: Next) -> Response {
        let Ok(_under_way) = self.under_way.try_acquire() else {
            return Refusal::Busy.into_response();
        };
        // streams last as long as somebody listens
        if request.uri().path() == LIVE {
            return next.run(request).await;
        }
        match tokio::time::timeout(LONGEST, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Refusal::Late.into_response(),
        }
    }
}

/// What counts as one address: of IPv6 the first half, since who has one address there has all of the second.
pub(in crate::serve) fn household(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware;
    use tower::ServiceExt;

    use super::*;

    fn behind(limits: Arc<Limits>) -> Router {
        let run = move |request, next| {
            let limits = limits.clone();
            async move { limits.run(request, next).await }
        };
        let never = || std::future::pending::<()>();
        Router::new().fallback(never).layer(middleware::from_fn(run))
    }

    async fn status_of(path: &str, limits: &Arc<Limits>) -> StatusCode {
        let request = Request::get(path).body(Body::empty()).unwrap();
        behind(limits.clone()).oneshot(request).await.unwrap().status()
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_given_up_and_what_comes_meanwhile_is_sent_away() {
        let limits = Arc::new(Limits::new(None));
        let slow = (0..AT_ONCE).map(|_| status_of("/slow", &limits));
        let begin = tokio::time::Instant::now();
        let one_more = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let status = status_of("/slow", &limits).await;
            (status, begin.elapsed().as_secs())
        };
        let (slow, one_more) = tokio::join!(futures::future::join_all(slow), one_more);
        assert_eq!(one_more, (StatusCode::SERVICE_UNAVAILABLE, 1));
        assert!(
            slow.iter()
                .all(|status| *status == StatusCode::SERVICE_UNAVAILABLE)
        );
        assert_eq!(begin.elapsed().as_secs(), 15);
        let live = status_of("/api/v1/status/live", &limits);
        let waited = tokio::time::timeout(Duration::from_secs(3600), live).await;
        assert!(waited.is_err(), "a stream lasts");
    }

    #[tokio::test]
    async fn addresses_that_ask_no_more_are_forgotten() {
        let limits = Limits::new(NonZeroU32::new(1_000_000));
        for number in 0..100_000_u32 {
            let address = IpAddr::V4(number.into());
            assert_eq!(limits.check(address), Ok(()));
        }
        let known = limits.by_address.as_ref().unwrap().len();
        assert!(known < 5_000, "{known} addresses are kept");
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_so_is_ipv4_however_it_is_written() {
        let household = |text: &str| household(text.parse().unwrap());
        assert_eq!(household("2001:db8::1"), household("2001:db8::ffff:1:2:3"));
        assert_ne!(household("2001:db8::1"), household("2001:db8:0:1::1"));
        assert_eq!(household("::ffff:192.0.2.1"), household("192.0.2.1"));
        assert_ne!(household("192.0.2.1"), household("192.0.2.2"));
    }
}
