//! The dashboard's pages.

use axum::Router;

use super::Served;

pub(super) fn routes() -> Router<Served> {
    Router::new()
}
