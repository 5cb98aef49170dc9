//! What the API's objects have gained and lost: `ops.api_fields` and `ops.api_drift`.

use serde::Serialize;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::http::FieldSeen;

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
    /// An object has it, and none had it in the runs before that met the kind of object.
    Appeared,
    /// No object has it, and every one had it in the run before that met the kind of object.
    Vanished,
}

/// Compares the fields that a run met with those that earlier runs met, and writes down both the fields and what
/// differs. A kind of object that is met for the first time differs in nothing. To be called once in a run.
///
/// # Errors
/// When the database fails; then nothing is written down, and a later run notices instead.
pub async fn compare(db: &PgPool, run_id: Uuid, seen: &[FieldSeen]) -> sqlx::Result<Vec<Drift>> {
    let endpoints: Vec<&str> = seen.iter().map(|seen| seen.kind.endpoint).collect();
    let objects: Vec<&str> = seen.iter().map(|seen| seen.kind.object).collect();
    let fields: Vec<&str> = seen.iter().map(|seen| seen.field.as_str()).collect();
    let always: Vec<bool> = seen.iter().map(|seen| seen.is_always_there).collect();
    sqlx::query_as(include_str!("sql/compare_fields.sql"))
        .bind(run_id)
        .bind(endpoints)
        .bind(objects)
        .bind(fields)
        .bind(always)
        .fetch_all(db)
        .await
}
