//! What is remembered of a Spotify app: `ops.spotify_apps` and `ops.capabilities`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgPool;

use crate::spotify::{Capability, Endpoint, Known};

#[derive(sqlx::FromRow)]
struct CapabilityRow {
    endpoint: String,
    usable: bool,
    reason: Option<String>,
    asked_at: DateTime<Utc>,
    is_inferred: bool,
}

/// What earlier runs learned of this app. Waits that it was asked for are looked up in [`super::runs::not_before`].
///
/// # Errors
/// When the database fails.
pub async fn recall(db: &PgPool, client_id: &str) -> sqlx::Result<Known> {
    let rows: Vec<CapabilityRow> = sqlx::query_as(include_str!("sql/recall_capabilities.sql"))
        .bind(client_id)
        .fetch_all(db)
        .await?;
    let capability = |row: CapabilityRow| {
        let endpoint = Endpoint::ALL
            .into_iter()
            .find(|endpoint| endpoint.as_str() == row.endpoint)?;
        let learned = Capability {
            usable: row.usable,
            reason: row.reason,
            asked_at: row.asked_at,
            is_inferred: row.is_inferred,
        };
        Some((endpoint, learned))
    };
    let app: Option<(Option<String>, Option<f64>)> = sqlx::query_as(include_str!("sql/recall_app.sql"))
        .bind(client_id)
        .fetch_optional(db)
        .await?;
    let (development_mode, calls_per_second) = app.unwrap_or_default();
    Ok(Known {
        capabilities: rows
            .into_iter()
            .filter_map(capability)
            .collect::<BTreeMap<_, _>>(),
        development_mode,
        calls_per_second,
        not_before: None,
    })
}

/// Writes down what is known of this app.
///
/// # Errors
/// When the database fails.
pub async fn remember(db: &PgPool, client_id: &str, known: &Known) -> sqlx::Result<()> {
    let (endpoints, learned): (Vec<&str>, Vec<&Capability>) = known
        .capabilities
        .iter()
        .map(|(endpoint, capability)| (endpoint.as_str(), capability))
        .unzip();
    sqlx::query(include_str!("sql/remember_capabilities.sql"))
        .bind(client_id)
        .bind(endpoints)
        .bind(learned.iter().map(|known| known.usable).collect::<Vec<_>>())
        .bind(
            learned
                .iter()
                .map(|known| known.reason.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(learned.iter().map(|known| known.asked_at).collect::<Vec<_>>())
        .bind(learned.iter().map(|known| known.is_inferred).collect::<Vec<_>>())
        .execute(db)
        .await?;
    sqlx::query(include_str!("sql/remember_app.sql"))
        .bind(client_id)
        .bind(&known.development_mode)
        .bind(known.calls_per_second)
        .bind(known.not_before)
        .execute(db)
        .await?;
    Ok(())
}
