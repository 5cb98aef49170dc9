//! What the database holds now under the names of relations.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use sqlx::PgConnection;

/// A table, view or other relation as it stands.
#[derive(Debug, Clone)]
pub(super) struct Existing {
    /// Postgres's `relkind`: `r` for a table, `v` for a view.
    pub(super) kind: String,
    pub(super) comment: Option<String>,
    /// A view's query, as Postgres prints it.
    pub(super) definition: Option<String>,
    /// The file that its rows lie in: another one once the table was written anew. 0 for a view.
    pub(super) filenode: i64,
    pub(super) columns: Vec<Column>,
}

/// A column of a relation.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) r#type: String,
    pub(super) comment: Option<String>,
}

#[derive(sqlx::FromRow)]
struct RelationRow {
    relation: String,
    kind: String,
    comment: Option<String>,
    definition: Option<String>,
    filenode: i64,
}

#[derive(sqlx::FromRow)]
struct ColumnRow {
    relation: String,
    #[sqlx(flatten)]
    column: Column,
}

/// Names of columns.
pub(super) fn names(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| column.name.clone()).collect()
}

/// Columns for SQL templates: `name` and `type`.
pub(super) fn values(columns: &[Column]) -> Vec<Value> {
    let value = |column: &Column| context! { name => column.name.clone(), type => column.r#type.clone() };
    columns.iter().map(value).collect()
}

impl Column {
    /// Same name and type.
    pub(super) fn is_like(&self, other: &Column) -> bool {
        self.name == other.name && self.r#type == other.r#type
    }
}

impl Existing {
    /// Looks up relations, written as in SQL. Those that are not there are left out.
    pub(super) async fn find_all(
        connection: &mut PgConnection,
        relations: &[String],
    ) -> Result<BTreeMap<String, Existing>, sqlx::Error> {
        let rows: Vec<RelationRow> = sqlx::query_as(include_str!("sql/relations.sql"))
            .bind(relations)
            .fetch_all(&mut *connection)
            .await?;
        let columns: Vec<ColumnRow> = sqlx::query_as(include_str!("sql/columns.sql"))
            .bind(relations)
            .fetch_all(connection)
            .await?;
        let mut found = BTreeMap::new();
        for row in rows {
            let standing = Existing {
                kind: row.kind,
                comment: row.comment,
                definition: row.definition,
                filenode: row.filenode,
                columns: Vec::new(),
            };
            found.insert(row.relation, standing);
        }
        for row in columns {
            if let Some(relation) = found.get_mut(&row.relation) {
                relation.columns.push(row.column);
            }
        }
        Ok(found)
    }

    /// Looks up one relation.
    pub(super) async fn find(
        connection: &mut PgConnection,
        relation: &str,
    ) -> Result<Option<Existing>, sqlx::Error> {
        let found = Self::find_all(connection, &[relation.to_owned()]).await?;
        Ok(found.into_values().next())
    }

    /// Whether `create or replace view` takes a view with these columns: the standing ones come first, in order.
    pub(super) fn can_be_replaced(&self, columns: &[Column]) -> bool {
        let kept = self
            .columns
            .iter()
            .zip(columns)
            .all(|(old, new)| old.is_like(new));
        self.kind == "v" && kept && self.columns.len() <= columns.len()
    }

    pub(super) fn is_table(&self) -> bool {
        self.kind == "r"
    }

    /// The word for `drop`, `comment` and `grant`.
    pub(super) fn kind_in_sql(&self) -> &'static str {
        match self.kind.as_str() {
            "v" => "view",
            "m" => "materialized view",
            // Postgres shall say what stands in the way of a table
            _ => "table",
        }
    }
}
