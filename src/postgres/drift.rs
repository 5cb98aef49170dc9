//! What the API's objects have gained and lost: `ops.api_fields` and `ops.api_drift`.

use serde::Serialize;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::http::FieldSeen;
use crate::postgres::runs::signed;

/// A field that appeared or vanished: a row of `ops.api_drift`.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Drift {
    /// The endpoint, as `ops.api_calls` names it.
    pub endpoint: String,
    /// The kind of object in its answers.
    pub object: String,
    /// The field's name.
    pub field: String,
    /// What became of it.
    pub change: Change,
}

/// What became of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Change {
    /// An object has it, and none of the many that were met before had it.
    Appeared,
    /// No object has it, and every one of the many that were met since it was there had it.
    Vanished,
}

/// Compares the fields that a run met with those that earlier runs met, and writes down both the fields and what
/// differs. A kind of object of which earlier runs met fewer than twenty differs in nothing yet: what these had, or
/// did not have, may be chance. To be called once in a run.
///
/// # Errors
/// When the database fails; then nothing is written down, and a later run notices instead.
pub async fn compare(db: &PgPool, run_id: Uuid, seen: &[FieldSeen]) -> sqlx::Result<Vec<Drift>> {
    let endpoints: Vec<&str> = seen.iter().map(|seen| seen.kind.endpoint).collect();
    let objects: Vec<&str> = seen.iter().map(|seen| seen.kind.object).collect();
    let fields: Vec<&str> = seen.iter().map(|seen| seen.field.as_str()).collect();
    let numbers: Vec<i64> = seen.iter().map(|seen| signed(seen.objects)).collect();
    let always: Vec<bool> = seen.iter().map(|seen| seen.is_always_there).collect();
    sqlx::query_as(include_str!("sql/compare_fields.sql"))
        .bind(run_id)
        .bind(endpoints)
        .bind(objects)
        .bind(fields)
        .bind(numbers)
        .bind(always)
        .fetch_all(db)
        .await
}
