//! Each published table of trends and core, filtered, sorted and paged, as JSON and CSV.

mod catalogue;

use axum::Router;

use super::Served;

pub(super) use catalogue::{Catalogue, Column, Kind, Table, Tables};

pub(super) fn routes() -> Router<Served> {
    Router::new()
}
