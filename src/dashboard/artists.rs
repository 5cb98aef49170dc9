//! Artists with new releases.

use serde::Serialize;
use sqlx::PgConnection;

use super::{Query, View};

/// Artists with new releases.
#[derive(Debug, Serialize)]
pub struct Artists {}

impl View for Artists {
    const PATH: &'static str = "/artists";
    const TEMPLATE: &'static str = "artists.html";

    fn title(&self) -> String {
        "Artists with new releases".to_owned()
    }

    async fn read(_: &mut PgConnection, _: &mut Query) -> sqlx::Result<Self> {
        std::future::ready(Ok(Self {})).await
    }
}
