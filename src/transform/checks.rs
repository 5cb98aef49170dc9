//! Data tests: SQL that must find no rows, run on what is about to be published.

use minijinja::context;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::TransformError;
use super::check::Check;
use super::data_test::Severity;
use super::project::Project;
use super::selection::Selected;
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
pub(super) struct Prepared<'a> {
    check: &'a Check,
    statement: Statement<'a>,
}

/// The checks of what is selected.
pub(super) fn prepare<'a>(
    project: &'a Project,
    selected: &Selected<'a>,
) -> Result<Vec<Prepared<'a>>, TransformError> {
    let prepared = |check: &'a Check| {
        let context = context! {
            body => project.render_check(check, &project.names)?,
            fail_calc => check.config.fail_calc(),
            warn_if => check.config.warn_if(),
            error_if => check.config.error_if(),
            limit => check.config.limit(),
        };
        let statement = Statement::render("check", context, (&check.file, ""))?;
        Ok(Prepared { check, statement })
    };
    project.checks(selected).into_iter().map(prepared).collect()
}

/// Runs the checks in turn.
pub(super) async fn run(
    connection: &mut PgConnection,
    checks: Vec<Prepared<'_>>,
) -> Result<Vec<CheckReport>, TransformError> {
    let mut reports = Vec::with_capacity(checks.len());
    for Prepared { check, statement } in checks {
        let (failing_rows, _, fails): (i64, bool, bool) = statement
            .one(connection)
            .await
            .map_err(|error| named(&check.name, error))?;
        reports.push(CheckReport {
            name: check.name.clone(),
            passed: check.config.severity() == Severity::Warn || !fails,
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
