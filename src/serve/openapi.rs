//! The OpenAPI document, and its page.

use axum::Router;

use super::Served;

pub(super) fn routes() -> Router<Served> {
    Router::new()
}
