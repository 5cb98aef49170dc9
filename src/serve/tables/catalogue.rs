//! Which tables are published, and what their columns are, as the database says.

use std::sync::Arc;

use sqlx::postgres::PgPool;
use tokio::sync::Mutex;

use crate::explore::{Publication, snapshot};

/// The published tables of trends and core.
#[derive(Debug)]
pub(in crate::serve) struct Tables {
    /// Whose tables these are; none where nothing is published.
    pub(in crate::serve) publication: Option<Publication>,
    /// Those of trends first, each schema's by name.
    pub(in crate::serve) tables: Vec<Table>,
}

/// A table or view.
#[derive(Debug, Clone)]
pub(in crate::serve) struct Table {
    /// `trends` or `core`.
    pub(in crate::serve) schema: String,
    /// As in the database, with underscores.
    pub(in crate::serve) name: String,
    /// Schema and name as SQL has them, quoted where that is needed.
    pub(super) relation: String,
    /// What it is about.
    pub(in crate::serve) comment: Option<String>,
    /// In the table's order; never empty.
    pub(in crate::serve) columns: Vec<Column>,
    /// Names of the columns of its unique index; empty where it has none.
    pub(in crate::serve) key: Vec<String>,
    /// Whether its rows may be others without a publication.
    pub(in crate::serve) is_view: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve) struct Column {
    /// As in the database.
    pub(in crate::serve) name: String,
    /// Its name as SQL has it, quoted where that is needed.
    pub(super) identifier: String,
    /// As Postgres writes it, without a length.
    pub(in crate::serve) r#type: String,
    /// What its values are.
    pub(in crate::serve) kind: Kind,
    /// Whether the database lets it be null.
    pub(in crate::serve) is_nullable: bool,
    /// What it is about.
    pub(in crate::serve) comment: Option<String>,
}

/// What the values of a column are, for those who filter by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub(in crate::serve) enum Kind {
    /// Text of any length.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A day, as YYYY-MM-DD.
    Date,
    /// A moment, as RFC 3339 has it.
    Timestamp,
    /// true or false.
    Boolean,
    /// Lists, JSON and the like: as JSON has them in answers, as Postgres writes them in filters.
    Other,
}

/// The tables of the publication that was asked for last, read once for each.
#[derive(Debug, Clone, Default)]
pub(in crate::serve) struct Catalogue {
    latest: Arc<Mutex<Option<Arc<Tables>>>>,
}

#[derive(sqlx::FromRow)]
struct ColumnRow {
    schema: String,
    name: String,
    relation: String,
    comment: Option<String>,
    column_name: String,
    column_identifier: String,
    column_type: String,
    column_kind: Kind,
    column_is_nullable: bool,
    column_comment: Option<String>,
    column_position_in_key: Option<i64>,
    is_view: bool,
}

impl Catalogue {
    /// The tables of `publication`, or of a newer one that is found instead of it.
    ///
    /// # Errors
    /// When the database fails; also with `undefined_table` where its schema was never migrated.
    pub(in crate::serve) async fn of(
        &self,
        db: &PgPool,
        publication: Publication,
    ) -> sqlx::Result<Arc<Tables>> {
        // whoever comes meanwhile waits for the same reading
        let mut latest = self.latest.lock().await;
        match latest.as_ref() {
            Some(tables) if tables.publication == Some(publication) => Ok(Arc::clone(tables)),
            _ => {
                let tables = Arc::new(Tables::read(db).await?);
                Ok(Arc::clone(latest.insert(tables)))
            }
        }
    }
}

impl Tables {
    async fn read(db: &PgPool) -> sqlx::Result<Self> {
        let mut db = snapshot(db).await?;
        let publication = Publication::read(&mut *db).await?;
        let rows: Vec<ColumnRow> = sqlx::query_as(include_str!("sql/catalogue.sql"))
            .fetch_all(&mut *db)
            .await?;
        let tables = rows
            .chunk_by(|one, next| one.relation == next.relation)
            .filter_map(Table::from_rows);
        Ok(Self {
            publication,
            tables: tables.collect(),
        })
    }

    /// The table of a schema, whose name may have hyphens for underscores.
    pub(in crate::serve) fn table(&self, schema: &str, name: &str) -> Option<&Table> {
        let of_schema = || self.tables.iter().filter(|table| table.schema == schema);
        of_schema()
            .find(|table| table.name == name)
            .or_else(|| of_schema().find(|table| table.name_in_url() == name))
    }
}

impl Table {
    fn from_rows(rows: &[ColumnRow]) -> Option<Self> {
        let first = rows.first()?;
        let mut key: Vec<(i64, String)> = rows
            .iter()
            .filter_map(|row| Some((row.column_position_in_key?, row.column_name.clone())))
            .collect();
        key.sort_unstable();
        Some(Self {
            schema: first.schema.clone(),
            name: first.name.clone(),
            relation: first.relation.clone(),
            comment: first.comment.clone(),
            columns: rows.iter().map(Column::from_row).collect(),
            key: key.into_iter().map(|(_, name)| name).collect(),
            is_view: first.is_view,
        })
    }

    /// Its name as URLs have it, with hyphens.
    pub(in crate::serve) fn name_in_url(&self) -> String {
        self.name.replace('_', "-")
    }

    /// The column of this name.
    pub(in crate::serve) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Column {
    fn from_row(row: &ColumnRow) -> Self {
        Self {
            name: row.column_name.clone(),
            identifier: row.column_identifier.clone(),
            r#type: row.column_type.clone(),
            kind: row.column_kind,
            is_nullable: row.column_is_nullable,
            comment: row.column_comment.clone(),
        }
    }
}
