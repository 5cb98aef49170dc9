//! What firstpress's role may do in the database.

use sqlx::postgres::PgPool;

use super::Finding;

const SUBJECT: &str = "rights";

/// A fault for everything that a run does and `role` may not do.
pub(super) async fn examine(db: &PgPool, role: &str) -> sqlx::Result<Vec<Finding>> {
    let missing: Vec<(String, String)> = sqlx::query_as(include_str!("sql/missing_rights.sql"))
        .fetch_all(db)
        .await?;
    if missing.is_empty() {
        return Ok(vec![Finding::ok(
            SUBJECT,
            format!("{role} may do what a run does"),
        )]);
    }
    let fault = |(deed, statement)| {
        Finding::fault(
            SUBJECT,
            format!("{role} may not {deed}"),
            format!("let the owner of the database say: {statement}"),
        )
    };
    Ok(missing.into_iter().map(fault).collect())
}
