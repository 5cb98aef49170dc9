//! Extensions of Postgres, which may be installed in any schema, or not at all.

use minijinja::{Value, context};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

use super::sql::rendered;

/// A question that is put in other words where an extension is installed: its SQL, from a template that finds in
/// `is_installed` whether this database has the extension and this role may use it, and a transaction, or a part of
/// the one there is, in which the extension's functions can be called by name. To be rolled back, so that the
/// connection is again as it was.
///
/// # Errors
/// When the database fails.
pub(super) async fn question<'c>(
    db: &'c mut PgConnection,
    extension: &str,
    template: &'static str,
    context: Value,
) -> sqlx::Result<(String, Transaction<'c, Postgres>)> {
    let schema: Option<String> = sqlx::query_scalar(include_str!("sql/extension_schema.sql"))
        .bind(extension)
        .fetch_optional(&mut *db)
        .await?;
    let sql = rendered(template, context! { is_installed => schema.is_some(), ..context })?;
    let mut part = db.begin().await?;
    sqlx::query(include_str!("sql/within.sql"))
        .bind(schema.unwrap_or_default())
        .execute(&mut *part)
        .await?;
    Ok((sql, part))
}
