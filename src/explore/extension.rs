//! Extensions of Postgres, which may be installed in any schema, or not at all.

use sqlx::{Connection, PgConnection, Postgres, Transaction};

/// The schema of an extension, quoted; none where this database does not have it, or this role may not use it.
pub(super) async fn schema(db: &mut PgConnection, extension: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(include_str!("sql/extension_schema.sql"))
        .bind(extension)
        .fetch_optional(db)
        .await
}

/// A transaction, or a part of the one there is, in which the functions of `schema` can be called by name. To be
/// rolled back, so that the connection is again as it was.
pub(super) async fn within<'c>(
    db: &'c mut PgConnection,
    schema: Option<&str>,
) -> sqlx::Result<Transaction<'c, Postgres>> {
    let mut part = db.begin().await?;
    sqlx::query(include_str!("sql/within.sql"))
        .bind(schema.unwrap_or_default())
        .execute(&mut *part)
        .await?;
    Ok(part)
}
