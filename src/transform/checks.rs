//! Checking: data tests, SQL that must find no rows, on what is about to be published.

use std::fmt;
use std::sync::Arc;

use minijinja::context;
use serde::Serialize;
use serde_json::Value as Json;
use sqlx::PgConnection;
use sqlx::types::Json as JsonColumn;

use super::TransformError;
use super::build::Built;
use super::check::{Check, Subject};
use super::context::Names;
use super::crew::{Crew, independent};
use super::data_test::Severity;
use super::plan::How;
use super::project::{Model, Project};
use super::relation::Relation;
use super::selection::Selected;
use super::sql::Statement;

/// Bad rows of a check that are kept to be looked at.
const KEPT: usize = 10;

/// Tests that look at each row by itself. Of an incremental model the rows that come will do: those that stand have
/// passed before. The last two are dbt_utils' by name, as the project defines them.
const ROW_BY_ROW: [&str; 5] = [
    "not_null",
    "accepted_values",
    "relationships",
    "accepted_range",
    "expression_is_true",
];

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    /// Such as `unique_dim_album_album_id`.
    pub name: String,
    /// What follows from it.
    pub status: CheckStatus,
    /// How many bad rows it found; as in dbt, for `unique` and `accepted_values` how many bad values.
    pub failing_rows: i64,
    /// The first of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first_rows: Vec<Json>,
}

/// What follows from what a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// Nothing was found, or less than the check minds.
    Passed,
    /// Something was found, and is told.
    Warned,
    /// Something was found, and nothing is published.
    Failed,
}

/// A check, and what it is made on. Its SQL is rendered while others are made.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    check: &'a Check,
    /// Where the models lie.
    names: Arc<Names>,
    /// Of an incremental model, the rows that come, where they are all that it needs to look at.
    coming: Option<(&'a str, Relation)>,
}

#[derive(sqlx::FromRow)]
struct Found {
    failing_rows: i64,
    warns: bool,
    fails: bool,
    first_rows: JsonColumn<Vec<Json>>,
}

/// The checks of what is selected, which read what was built where it was.
pub(super) fn of_built<'a>(
    project: &'a Project,
    selected: &Selected<'_>,
    built: &[Built<'a>],
) -> Vec<Asked<'a>> {
    let models: Vec<&Model> = built.iter().map(|built| built.planned.model).collect();
    let names = project.names(&models);
    let asked = |check: &'a Check| Asked {
        check,
        names: Arc::clone(&names),
        coming: coming_rows(check, built),
    };
    project.checks(selected).into_iter().map(asked).collect()
}

/// The checks of what is selected, on what is published.
pub(super) fn of_published<'a>(project: &'a Project, selected: &Selected<'_>) -> Vec<Asked<'a>> {
    let names = project.names(&[]);
    let asked = |check: &'a Check| Asked {
        check,
        names: Arc::clone(&names),
        coming: None,
    };
    project.checks(selected).into_iter().map(asked).collect()
}

/// Of an incremental model, the rows that come, where they are all that a check needs to look at.
fn coming_rows<'a>(check: &Check, built: &[Built<'a>]) -> Option<(&'a str, Relation)> {
    let Some(Subject::Model(subject)) = &check.subject else {
        return None;
    };
    let built = built.iter().find(|built| built.planned.model.name == *subject)?;
    let rows = built
        .rows
        .as_ref()
        .filter(|_| built.planned.how == How::Incremental)?;
    let model = built.planned.model;
    let is_key = || {
        let column = check.column.as_deref();
        check.kind == "unique" && column.is_some_and(|column| is_row_key(model, column))
    };
    let will_do = ROW_BY_ROW.contains(&check.kind.as_str()) || is_key();
    will_do.then(|| (model.name.as_str(), rows.relation.clone()))
}

/// For `relationships`, the rows of the other model that the coming ones refer to, looked up by the index on its key; of
/// a model without such a key all of them are read.
fn looked_up(
    check: &Check,
    (project, names): (&Project, &Names),
    coming: &Relation,
) -> Result<Option<String>, TransformError> {
    let field = check.arguments.get("field").and_then(Json::as_str);
    let (Some(Subject::Model(subject)), Some(field), Some(column)) = (&check.subject, field, &check.column)
    else {
        return Ok(None);
    };
    let mut others = check.refs.iter().filter(|other| *other != subject);
    let other = others.next().and_then(|other| project.model(other));
    let other = other.filter(|other| other.config.row_key() == Some(&[field.to_owned()][..]));
    let Some(other) = other.and_then(|other| names.models.get(&other.name)) else {
        return Ok(None);
    };
    let context = context! {
        other => other.value(),
        field => field,
        coming => coming.value(),
        column => column.as_str(),
    };
    Ok(Some(
        Statement::render("looked_up", context, (&check.file, ""))?.sql,
    ))
}

/// Whether an expression is the key by which rows replace those that stand, so that no row that stays has it too.
fn is_row_key(model: &Model, expression: &str) -> bool {
    let (Some(key), Some(replaced_by)) = (model.config.row_key(), model.config.replaced_by()) else {
        return false;
    };
    let bare = expression.trim().trim_start_matches('(').trim_end_matches(')');
    bare.split(',').map(str::trim).eq(key.iter().map(String::as_str))
        && replaced_by.iter().all(|column| key.contains(column))
}

impl<'a> Asked<'a> {
    fn statement(&self, project: &Project) -> Result<Statement<'a>, TransformError> {
        let check = self.check;
        let body = match &self.coming {
            None => project.render_check(check, (&self.names, None))?,
            Some((model, rows)) => {
                let to = looked_up(check, (project, &self.names), rows)?;
                let mut names = Names::clone(&self.names);
                names.models.insert((*model).to_owned(), rows.clone());
                project.render_check(check, (&Arc::new(names), to))?
            }
        };
        let context = context! {
            body => body,
            fail_calc => check.config.fail_calc(),
            warn_if => check.config.warn_if(),
            error_if => check.config.error_if(),
            limit => check.config.limit(),
            kept => KEPT,
        };
        Statement::render("check", context, (&check.file, ""))
    }
}

/// Makes the checks, side by side.
pub(super) async fn run(
    crew: &mut Crew,
    project: &Project,
    checks: Vec<Asked<'_>>,
) -> Result<Vec<CheckReport>, TransformError> {
    crew.work(independent(checks), async |connection, asked| {
        let statement = asked.statement(project)?;
        run_one(connection, asked.check, statement).await
    })
    .await
}

async fn run_one(
    connection: &mut PgConnection,
    check: &Check,
    statement: Statement<'_>,
) -> Result<CheckReport, TransformError> {
    let found = statement.fetch(connection).await;
    let found: Found = found.map_err(|error| named(&check.name, error))?;
    Ok(CheckReport {
        name: check.name.clone(),
        status: match (check.config.severity(), found.fails, found.warns) {
            (Severity::Error, true, _) => CheckStatus::Failed,
            (_, _, true) => CheckStatus::Warned,
            _ => CheckStatus::Passed,
        },
        failing_rows: found.failing_rows,
        first_rows: found.first_rows.0,
    })
}

fn named(check: &str, error: TransformError) -> TransformError {
    match error {
        TransformError::Sql { file, line, message } => TransformError::Sql {
            file,
            line,
            message: format!("check {check}: {message}"),
        },
        other => other,
    }
}

impl CheckStatus {
    /// The word in `ops.check_results.status`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({} rows)", self.name, self.failing_rows)
    }
}
