//! Data tests: SQL that must find no rows, run on what is about to be published.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use serde::Serialize;
use serde_json::Value as Json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::TransformError;
use super::data_test::{DataTest, Kind};
use super::project::{Model, Project};
use super::relation::Relation;
use super::sql::Statement;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Such as `unique_dim_album_album_id`.
    pub name: String,
    /// Whether it found nothing.
    pub passed: bool,
    /// How many bad rows it found; as in dbt, for `unique` and `accepted_values` how many bad values.
    pub failing_rows: i64,
}

/// A check, ready to run.
#[derive(Debug)]
pub(super) struct Check<'a> {
    name: String,
    statement: Statement<'a>,
}

/// The checks of the models and, when nothing was selected, of the sources.
pub(super) fn prepare<'a>(
    project: &'a Project,
    models: &[&'a Model],
    with_sources: bool,
) -> Result<Vec<Check<'a>>, TransformError> {
    let of_models = models
        .iter()
        .map(|model| (model.name.clone(), &model.relation, &model.described));
    let of_sources = project
        .sources()
        .filter(|_| with_sources)
        .map(|((source, table), described)| (format!("{source}_{table}"), &described.relation, described));
    let mut files: BTreeMap<String, &str> = BTreeMap::new();
    let mut checks = Vec::new();
    for (subject, relation, described) in of_models.chain(of_sources) {
        for test in &described.tests {
            let name = test.name.clone().unwrap_or_else(|| default_name(test, &subject));
            if let Some(first) = files.insert(name.clone(), &described.file) {
                let what = format!("check `{name}` (give one of the two a `name:`)");
                let (first, second) = (first.to_owned(), described.file.clone());
                return Err(TransformError::Duplicate { what, first, second });
            }
            let context = context(project, relation, test, &described.file)?;
            checks.push(Check {
                name,
                statement: Statement::render("check", context, (&described.file, ""))?,
            });
        }
    }
    Ok(checks)
}

/// Runs the checks in turn.
pub(super) async fn run(
    connection: &mut PgConnection,
    checks: Vec<Check<'_>>,
) -> Result<Vec<CheckReport>, TransformError> {
    let mut reports = Vec::with_capacity(checks.len());
    for Check { name, statement } in checks {
        let failing_rows = statement
            .count(connection)
            .await
            .map_err(|error| named(&name, error))?;
        reports.push(CheckReport {
            name,
            passed: failing_rows == 0,
            failing_rows,
        });
    }
    Ok(reports)
}

/// Writes the results to `ops.check_results`.
pub(super) async fn record(
    connection: &mut PgConnection,
    run_id: Uuid,
    reports: &[CheckReport],
) -> Result<(), TransformError> {
    let names: Vec<&str> = reports.iter().map(|report| report.name.as_str()).collect();
    let passed: Vec<bool> = reports.iter().map(|report| report.passed).collect();
    let failing_rows: Vec<i64> = reports.iter().map(|report| report.failing_rows).collect();
    sqlx::query(include_str!("sql/record_checks.sql"))
        .bind(run_id.to_string())
        .bind(names)
        .bind(passed)
        .bind(failing_rows)
        .execute(connection)
        .await?;
    Ok(())
}

fn context(
    project: &Project,
    relation: &Relation,
    test: &DataTest,
    file: &str,
) -> Result<Value, TransformError> {
    let subject = context! { relation => relation.value(), column => test.column.clone(), filter => test.filter.clone() };
    let own = match &test.kind {
        Kind::Unique {} | Kind::NotNull {} => context! {},
        Kind::AcceptedValues { values, quote } => {
            let values: Vec<String> = values.iter().map(plain).collect();
            context! { values => values, quote => quote }
        }
        Kind::Relationships { to, field } => context! { to => project.referred(file, to)?, field => field },
    };
    Ok(context! { kind => kind(test), ..context! { ..own, ..subject } })
}

fn kind(test: &DataTest) -> &'static str {
    match test.kind {
        Kind::Unique {} => "unique",
        Kind::NotNull {} => "not_null",
        Kind::AcceptedValues { .. } => "accepted_values",
        Kind::Relationships { .. } => "relationships",
    }
}

/// A value of `accepted_values` as text: a string without its quotes.
fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn default_name(test: &DataTest, subject: &str) -> String {
    let words = format!("{}_{subject}_{}", kind(test), test.column);
    let words = words
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
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
