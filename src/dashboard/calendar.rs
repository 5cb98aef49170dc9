//! Release calendar.

use serde::Serialize;
use sqlx::PgConnection;

use super::{Query, View};

/// Release calendar.
#[derive(Debug, Serialize)]
pub struct Calendar {}

impl View for Calendar {
    const PATH: &'static str = "/calendar";
    const TEMPLATE: &'static str = "calendar.html";

    fn title(&self) -> String {
        "Release calendar".to_owned()
    }

    async fn read(_: &mut PgConnection, _: &mut Query) -> sqlx::Result<Self> {
        std::future::ready(Ok(Self {})).await
    }
}
