//! The role that BI tools read with, and `serve` and `report`.

use sqlx::FromRow;
use sqlx::postgres::PgPool;

use super::Finding;

pub(super) const SUBJECT: &str = "readers";

#[derive(FromRow)]
struct Readers {
    is_there: bool,
    /// The user's own role, as SQL names it.
    own_role: String,
    may_act: bool,
    hidden_schemas: Vec<String>,
}

/// A warning where the role is not there, does not see everything that it is for, or is not open to this user: a run
/// needs none of that.
pub(super) async fn examine(db: &PgPool) -> sqlx::Result<Vec<Finding>> {
    let Readers {
        is_there,
        own_role,
        may_act,
        hidden_schemas,
    } = sqlx::query_as(include_str!("sql/readers.sql"))
        .fetch_one(db)
        .await?;
    if !is_there {
        return Ok(vec![Finding::warning(
            SUBJECT,
            "there is no role firstpress_reader for BI tools, because firstpress may not create roles",
            format!(
                "let an administrator say: create role firstpress_reader nologin; grant firstpress_reader to {own_role}. \
                 The next run lets it read"
            ),
        )]);
    }
    let mut findings = Vec::new();
    if !may_act {
        findings.push(Finding::warning(
            SUBJECT,
            format!("{own_role} may not act as firstpress_reader, so `serve` and `report` read with all its rights"),
            format!("let an administrator say: grant firstpress_reader to {own_role}"),
        ));
    }
    findings.push(match hidden_schemas.as_slice() {
        [] => Finding::ok(
            SUBJECT,
            "firstpress_reader may read trends, core, staging and ops",
        ),
        [first, ..] => Finding::warning(
            SUBJECT,
            format!("firstpress_reader cannot read all of {}", hidden_schemas.join(", ")),
            format!(
                "`firstpress migrate` lets it read what belongs to firstpress; for the rest let the owner say: grant \
                 usage on schema {first} to firstpress_reader; grant select on all tables in schema {first} to \
                 firstpress_reader"
            ),
        ),
    });
    Ok(findings)
}
