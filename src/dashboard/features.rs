//! How audio features go with popularity.

use serde::Serialize;
use sqlx::PgConnection;

use super::{Query, View};

/// How audio features go with popularity.
#[derive(Debug, Serialize)]
pub struct Features {}

impl View for Features {
    const PATH: &'static str = "/features";
    const TEMPLATE: &'static str = "features.html";

    fn title(&self) -> String {
        "How audio features go with popularity".to_owned()
    }

    async fn read(_: &mut PgConnection, _: &mut Query) -> sqlx::Result<Self> {
        std::future::ready(Ok(Self {})).await
    }
}
