//! What is written down of a transform: `ops.published`, `ops.published_models`, `ops.check_results`,
//! `ops.check_failures`.

use sqlx::PgConnection;
use uuid::Uuid;

use super::checks::CheckReport;
use super::compare::Change;
use super::plan::How;
use super::project::Project;
use super::publish::rows_after;
use super::{Options, TransformError};

/// What stands in the database from now on, so that a run which changes nothing need not build it again, and one that
/// changes little knows what it adds to.
pub(super) async fn publication(
    connection: &mut PgConnection,
    project: &Project,
    changes: &[Change<'_>],
    options: &Options,
) -> Result<(), TransformError> {
    let whole = options.is_whole().then(|| project.fingerprint());
    sqlx::query(include_str!("sql/record_publication.sql"))
        .bind(whole)
        .execute(&mut *connection)
        .await?;
    for change in changes {
        let planned = &change.built.planned;
        let model = planned.model;
        sqlx::query(include_str!("sql/record_model.sql"))
            .bind(&model.name)
            .bind(model.relation.to_string())
            .bind(model.config.materialization().name())
            .bind(&planned.fingerprint)
            .bind(&planned.lineage)
            .bind(planned.how != How::Incremental)
            .bind(rows_after(change))
            .bind(change.come.cast_signed())
            .bind(change.gone.cast_signed())
            .bind(change.built.seconds)
            .bind(options.run_id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// What the checks found: a row for each where a run made them, and the first bad rows of each in any case.
pub(super) async fn checks(
    connection: &mut PgConnection,
    run_id: Option<Uuid>,
    reports: &[CheckReport],
) -> Result<(), TransformError> {
    let names: Vec<&str> = reports.iter().map(|report| report.name.as_str()).collect();
    if let Some(run_id) = run_id {
        let statuses: Vec<&str> = reports.iter().map(|report| report.status.as_str()).collect();
        let failing_rows: Vec<i64> = reports.iter().map(|report| report.failing_rows).collect();
        sqlx::query(include_str!("sql/record_checks.sql"))
            .bind(run_id)
            .bind(&names)
            .bind(statuses)
            .bind(failing_rows)
            .execute(&mut *connection)
            .await?;
    }
    let failures = reports.iter().flat_map(|report| {
        let numbered = report.first_rows.iter().zip(1_i32..);
        numbered.map(|(row, number)| (report.name.as_str(), number, row))
    });
    let (mut of, mut numbers, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (name, number, row) in failures {
        of.push(name);
        numbers.push(number);
        rows.push(row.clone());
    }
    sqlx::query(include_str!("sql/forget_failures.sql"))
        .bind(&names)
        .execute(&mut *connection)
        .await?;
    sqlx::query(include_str!("sql/record_failures.sql"))
        .bind(of)
        .bind(numbers)
        .bind(rows)
        .bind(run_id)
        .execute(connection)
        .await?;
    Ok(())
}
