//! Questions that take more than one table: a release, a search, what sounds alike, top artists, the pipeline's status.

use axum::Router;

use super::Served;

pub(super) fn routes() -> Router<Served> {
    Router::new()
}
