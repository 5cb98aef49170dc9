//! What the database says of a project: it only reads.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value as Json;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::transform::Catalog;

/// What the database says, all of one moment.
#[derive(Debug, Default)]
pub struct Facts {
    /// The latest run.
    pub run: Option<Run>,
    /// By model.
    pub built: BTreeMap<String, Built>,
    /// By relation, as written in SQL.
    pub standing: BTreeMap<String, Standing>,
    /// By name of the check.
    pub checks: BTreeMap<String, CheckResult>,
}

/// A row of `ops.runs`.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Run {
    /// The run.
    pub run_id: Uuid,
    /// How it ended, or `running`.
    pub status: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took; null while it runs, and when it died.
    pub seconds: Option<f64>,
    /// Why it did not succeed.
    pub error: Option<String>,
}

/// How a model was published last: a row of `ops.published_models`.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Built {
    #[serde(skip)]
    model: String,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// `view`, `full` or `incremental`.
    pub how: String,
    /// Why it was built so; null when no run did it.
    pub why: Option<String>,
    /// Rows of the table; null for a view.
    pub rows: Option<i64>,
    /// Rows that were new or had changed.
    pub inserted: i64,
    /// Rows that were gone or had changed.
    pub deleted: i64,
    /// Seconds that it took to build.
    pub seconds: f64,
    /// The run that published it; null when `firstpress transform` did.
    pub run_id: Option<Uuid>,
    /// SHA-256 of its SQL and configuration.
    pub fingerprint: String,
}

/// A table or view that is there.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Its comment.
    pub comment: Option<String>,
    /// About how many rows it has; `None` for a view, and where Postgres has not counted.
    pub estimated_rows: Option<i64>,
    /// In the table's order.
    pub columns: Vec<DatabaseColumn>,
}

/// A column that is there.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DatabaseColumn {
    /// Its name.
    pub name: String,
    /// Its type, as Postgres writes it.
    pub r#type: String,
    /// Its comment.
    pub comment: Option<String>,
}

/// What a check found when it was last made.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct CheckResult {
    #[serde(skip)]
    check_name: String,
    /// `passed`, `warned` or `failed`.
    pub status: String,
    /// Rows that failed it; null when `firstpress transform` made it, which keeps only the first.
    pub failing_rows: Option<i64>,
    /// The first of them, each an object.
    #[sqlx(json)]
    pub first_rows: Vec<Json>,
    /// When it was made; null where that was not written down.
    pub made_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct RelationRow {
    relation: String,
    comment: Option<String>,
    estimated_rows: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ColumnRow {
    relation: String,
    #[sqlx(flatten)]
    column: DatabaseColumn,
}

impl Facts {
    /// Reads what the database says of what the catalog names.
    ///
    /// # Errors
    /// When the database fails, and with `undefined_table` or `undefined_column` where its schema was never migrated.
    pub async fn read(db: &PgPool, catalog: &Catalog) -> sqlx::Result<Self> {
        let sources = catalog.sources.iter().map(|source| source.relation.clone());
        let models = catalog.models.iter().map(|model| model.relation.clone());
        let relations: Vec<String> = sources.chain(models).collect();
        // a transform may publish meanwhile, and its rows and results belong together
        let mut db = db.begin_with(include_str!("sql/begin.sql")).await?;
        let standing: Vec<RelationRow> = sqlx::query_as(include_str!("sql/relations.sql"))
            .bind(&relations)
            .fetch_all(&mut *db)
            .await?;
        let columns: Vec<ColumnRow> = sqlx::query_as(include_str!("sql/columns.sql"))
            .bind(&relations)
            .fetch_all(&mut *db)
            .await?;
        let run = sqlx::query_as(include_str!("sql/run.sql"))
            .fetch_optional(&mut *db)
            .await?;
        let built: Vec<Built> = sqlx::query_as(include_str!("sql/models.sql"))
            .fetch_all(&mut *db)
            .await?;
        let checks: Vec<CheckResult> = sqlx::query_as(include_str!("sql/checks.sql"))
            .fetch_all(&mut *db)
            .await?;
        Ok(Self {
            run,
            built: built
                .into_iter()
                .map(|built| (built.model.clone(), built))
                .collect(),
            standing: standing_by_relation(standing, columns),
            checks: checks
                .into_iter()
                .map(|check| (check.check_name.clone(), check))
                .collect(),
        })
    }
}

fn standing_by_relation(rows: Vec<RelationRow>, columns: Vec<ColumnRow>) -> BTreeMap<String, Standing> {
    let mut standing: BTreeMap<String, Standing> = BTreeMap::new();
    for row in rows {
        let found = Standing {
            comment: row.comment,
            estimated_rows: row.estimated_rows,
            columns: Vec::new(),
        };
        standing.insert(row.relation, found);
    }
    for row in columns {
        if let Some(relation) = standing.get_mut(&row.relation) {
            relation.columns.push(row.column);
        }
    }
    standing
}
