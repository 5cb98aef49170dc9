//! Whether it lives, whether it can answer, and figures for Prometheus.

use axum::Router;

use super::Served;

pub(super) fn routes() -> Router<Served> {
    Router::new()
}
