//! Each published table of trends and core, filtered, sorted and paged, as JSON and CSV.

use axum::Router;

use super::Served;

pub(super) fn routes() -> Router<Served> {
    Router::new()
}
