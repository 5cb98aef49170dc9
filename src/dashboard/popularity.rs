//! How popularity moves.

use serde::Serialize;
use sqlx::PgConnection;

use super::{Query, View};

/// How popularity moves.
#[derive(Debug, Serialize)]
pub struct Popularity {}

impl View for Popularity {
    const PATH: &'static str = "/popularity";
    const TEMPLATE: &'static str = "popularity.html";

    fn title(&self) -> String {
        "How popularity moves".to_owned()
    }

    async fn read(_: &mut PgConnection, _: &mut Query) -> sqlx::Result<Self> {
        std::future::ready(Ok(Self {})).await
    }
}
