//! The engine's own SQL: templates in `sql/`, and the one place from which rendered SQL goes to Postgres.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use minijinja::{Environment, UndefinedBehavior, Value};
use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgRow};
use sqlx::{FromRow, PgConnection};

use super::TransformError;
use super::relation::quoted;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/transform/sql");

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_loader(|name| {
        Ok(FILES
            .get_file(name)
            .and_then(|file| file.contents_utf8())
            .map(str::to_owned))
    });
    environment.add_filter("identifier", |name: String| quoted(&name));
    environment.add_filter("literal", |text: String| {
        format!("'{}'", text.replace('\'', "''"))
    });
    environment
});

/// Postgres's appendix A.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// A template of `sql/`, rendered for a model or a check.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) sql: String,
    /// The file that an error is about.
    pub(super) file: &'a str,
    /// The part of `sql` that comes from that file.
    pub(super) body: &'a str,
}

impl<'a> Statement<'a> {
    /// Renders `sql/{name}.sql`.
    pub(super) fn render(
        name: &str,
        context: Value,
        (file, body): (&'a str, &'a str),
    ) -> Result<Statement<'a>, TransformError> {
        let template = format!("{name}.sql");
        let rendered = ENGINE
            .get_template(&template)
            .and_then(|template| template.render(context));
        let sql = rendered.map_err(|error| TransformError::Template {
            file: template,
            line: error.line().unwrap_or(1),
            detail: error.to_string(),
        })?;
        Ok(Statement { sql, file, body })
    }

    /// Runs it and returns how many rows it touched.
    pub(super) async fn execute(self, connection: &mut PgConnection) -> Result<u64, TransformError> {
        let done = sqlx::raw_sql(&self.sql).execute(connection).await;
        done.map(|done| done.rows_affected())
            .map_err(|error| self.failed(error))
    }

    /// Runs it and returns the one row that it selects.
    pub(super) async fn fetch<R>(self, connection: &mut PgConnection) -> Result<R, TransformError>
    where
        R: for<'r> FromRow<'r, PgRow>,
    {
        let row = sqlx::raw_sql(&self.sql).fetch_one(connection).await;
        row.and_then(|row| R::from_row(&row))
            .map_err(|error| self.failed(error))
    }

    /// Runs it and returns the rows that it selects.
    pub(super) async fn all<R>(self, connection: &mut PgConnection) -> Result<Vec<R>, TransformError>
    where
        R: for<'row> FromRow<'row, PgRow>,
    {
        let rows = sqlx::raw_sql(&self.sql).fetch_all(connection).await;
        rows.and_then(|rows| rows.iter().map(R::from_row).collect())
            .map_err(|error| self.failed(error))
    }

    fn failed(&self, error: sqlx::Error) -> TransformError {
        let sqlx::Error::Database(database) = &error else {
            return TransformError::Database(error);
        };
        let Some(postgres) = database.try_downcast_ref::<PgDatabaseError>() else {
            return TransformError::Database(error);
        };
        let more = [postgres.detail(), postgres.hint()].into_iter().flatten();
        let message: Vec<&str> = [postgres.message()].into_iter().chain(more).collect();
        if postgres.code() == LOCK_NOT_AVAILABLE {
            return TransformError::Busy {
                file: self.file.to_owned(),
                message: message.join(". "),
            };
        }
        let line = match postgres.position() {
            Some(PgErrorPosition::Original(position)) => self.line(position),
            _ => None,
        };
        TransformError::Sql {
            file: self.file.to_owned(),
            line,
            message: message.join(". "),
        }
    }

    /// The line in the body of a position in the statement, which Postgres counts in characters from 1.
    fn line(&self, position: usize) -> Option<usize> {
        let (offset, _) = self.sql.char_indices().nth(position.checked_sub(1)?)?;
        let before = self.sql.get(self.sql.find(self.body)?..offset)?;
        (before.len() <= self.body.len() && !self.body.is_empty()).then(|| 1 + before.matches('\n').count())
    }
}
