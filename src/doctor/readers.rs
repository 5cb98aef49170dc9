//! The role that BI tools read with.

use sqlx::postgres::PgPool;

use super::Finding;

pub(super) const SUBJECT: &str = "readers";

/// A warning where the role is not there or does not see everything that it is for: a run needs neither.
pub(super) async fn examine(db: &PgPool) -> sqlx::Result<Vec<Finding>> {
    let (is_there, hidden): (bool, Vec<String>) = sqlx::query_as(include_str!("sql/readers.sql"))
        .fetch_one(db)
        .await?;
    let finding = match (is_there, hidden.as_slice()) {
        (false, _) => Finding::warning(
            SUBJECT,
            "there is no role firstpress_reader for BI tools, because firstpress may not create roles",
            "let an administrator say: create role firstpress_reader nologin. The next run lets it read",
        ),
        (true, []) => Finding::ok(
            SUBJECT,
            "firstpress_reader may read trends, core, staging and ops",
        ),
        (true, [first, ..]) => Finding::warning(
            SUBJECT,
            format!("firstpress_reader cannot read all of {}", hidden.join(", ")),
            format!(
                "`firstpress migrate` lets it read what belongs to firstpress; for the rest let the owner say: grant \
                 usage on schema {first} to firstpress_reader; grant select on all tables in schema {first} to \
                 firstpress_reader"
            ),
        ),
    };
    Ok(vec![finding])
}
