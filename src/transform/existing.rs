//! What the database holds now under a relation's name.

use serde::Serialize;
use sqlx::PgConnection;

/// A table, view or other relation as it stands.
#[derive(Debug)]
pub(super) struct Existing {
    /// Postgres's `relkind`: `r` for a table, `v` for a view.
    pub(super) kind: String,
    pub(super) comment: Option<String>,
    /// A view's query, as Postgres prints it.
    pub(super) definition: Option<String>,
    pub(super) columns: Vec<Column>,
}

/// A column of a relation.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) r#type: String,
    pub(super) comment: Option<String>,
}

impl Column {
    /// Same name and type.
    pub(super) fn is_like(&self, other: &Column) -> bool {
        self.name == other.name && self.r#type == other.r#type
    }
}

/// How the columns of what is to be published compare with those that stand.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Columns {
    Same,
    /// The standing ones come first, in order; so many follow.
    Added(usize),
    Different,
}

impl Existing {
    /// Looks up `relation`, written as in SQL.
    pub(super) async fn find(
        connection: &mut PgConnection,
        relation: &str,
    ) -> Result<Option<Existing>, sqlx::Error> {
        let found: Option<(String, Option<String>, Option<String>)> =
            sqlx::query_as(include_str!("sql/relation.sql"))
                .bind(relation)
                .fetch_optional(&mut *connection)
                .await?;
        let Some((kind, comment, definition)) = found else {
            return Ok(None);
        };
        let columns = sqlx::query_as(include_str!("sql/columns.sql"))
            .bind(relation)
            .fetch_all(connection)
            .await?;
        Ok(Some(Existing {
            kind,
            comment,
            definition,
            columns,
        }))
    }

    /// How `wanted` differs.
    pub(super) fn compare(&self, wanted: &[Column]) -> Columns {
        let kept = self.columns.iter().zip(wanted).all(|(old, new)| old.is_like(new));
        match wanted.len().checked_sub(self.columns.len()) {
            Some(0) if kept => Columns::Same,
            Some(added) if kept => Columns::Added(added),
            _ => Columns::Different,
        }
    }

    /// The word for `drop`: a view, or else Postgres shall say what stands in the way of a table.
    pub(super) fn kind_in_sql(&self) -> &'static str {
        if self.kind == "v" { "view" } else { "table" }
    }
}
