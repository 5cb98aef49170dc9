//! The HTTP requests that were answered, by route.

use std::fmt;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::prometheus_text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Seconds. A page of the cache takes less than the first, a statement is ended before the last.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// By a route's template.
type Times = Family<[(&'static str, String); 1], Histogram, fn() -> Histogram>;

/// Counts of requests and histograms of their times, from the beginning of this process. Clones count together.
#[derive(Debug, Clone)]
pub(in crate::serve) struct Requests {
    answered: Family<[(&'static str, String); 2], Counter>,
    seconds: Times,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            answered: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
        }
    }
}

impl Requests {
    /// Counts a request by the template of its route, of which there are few whatever clients ask for, and by the status
    /// of its answer. The time is that until the answer begins.
    pub(in crate::serve) async fn count(
        State(requests): State<Self>,
        request: Request,
        next: Next,
    ) -> Response {
        let route = request.extensions().get::<MatchedPath>();
        let route = route.map_or("none", MatchedPath::as_str).to_owned();
        let begin = Instant::now();
        let response = next.run(request).await;
        let seconds = begin.elapsed().as_secs_f64();
        let status = response.status().as_str().to_owned();
        requests
            .seconds
            .get_or_create(&[("route", route.clone())])
            .observe(seconds);
        requests
            .answered
            .get_or_create(&[("route", route), ("status", status)])
            .inc();
        response
    }

    /// As Prometheus reads it.
    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix("firstpress");
        registry.register(
            "http_requests",
            "Requests answered since this process began, by route and status",
            self.answered.clone(),
        );
        registry.register(
            "http_request_duration_seconds",
            "How long requests took until the answer began",
            self.seconds.clone(),
        );
        let mut text = String::new();
        encode(&mut text, &registry)?;
        Ok(text)
    }
}
