//! The releases of a week by popularity.

use serde::Serialize;
use sqlx::PgConnection;

use super::{Query, View};

/// The releases of a week by popularity.
#[derive(Debug, Serialize)]
pub struct TopReleases {}

impl View for TopReleases {
    const PATH: &'static str = "/";
    const TEMPLATE: &'static str = "top_releases.html";

    fn title(&self) -> String {
        "Top releases".to_owned()
    }

    async fn read(_: &mut PgConnection, _: &mut Query) -> sqlx::Result<Self> {
        std::future::ready(Ok(Self {})).await
    }
}
