//! Checking: data tests, SQL that must find no rows, on what is about to be published.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::{Value, context};
use serde::Serialize;
use serde_json::Value as Json;
use sqlx::PgConnection;
use sqlx::types::Json as JsonColumn;

use super::TransformError;
use super::build::Built;
use super::context::Names;
use super::crew::{Crew, independent};
use super::data_test::{DataTest, Kind};
use super::plan::How;
use super::project::{Model, Project};
use super::properties::Described;
use super::relation::Relation;
use super::sql::Statement;

/// Bad rows of a check that are kept to be looked at.
const KEPT: usize = 10;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Nothing was found.
    Passed,
    /// Something was found, and is told.
    Warned,
    /// Something was found, and nothing is published.
    Failed,
}

/// A check, ready to be made.
#[derive(Debug)]
pub(super) struct Check<'a> {
    name: String,
    statement: Statement<'a>,
}

/// Where a checked table or view lies.
struct Subject<'a> {
    name: String,
    described: &'a Described,
    whole: Relation,
    /// The rows of an incremental model that come; what stood before them has been checked before.
    coming: Option<(&'a Model, Relation)>,
}

/// The checks of what was built and, where everything was, of the sources.
pub(super) fn of_built<'a>(
    project: &'a Project,
    built: &[Built<'a>],
    with_sources: bool,
) -> Result<Vec<Check<'a>>, TransformError> {
    let models: Vec<&Model> = built.iter().map(|built| built.planned.model).collect();
    let names = project.names(&models);
    let subjects = built.iter().map(|built| {
        let model = built.planned.model;
        let coming = built
            .rows
            .as_ref()
            .filter(|_| built.planned.how == How::Incremental);
        Subject {
            name: model.name.clone(),
            described: &model.described,
            whole: model.aside(),
            coming: coming.map(|rows| (model, rows.relation.clone())),
        }
    });
    prepare(project, &names, subjects.chain(sources(project, with_sources)))
}

fn sources(project: &Project, wanted: bool) -> impl Iterator<Item = Subject<'_>> {
    let all = project.sources().filter(move |_| wanted);
    all.map(|((source, table), described)| Subject {
        name: format!("{source}_{table}"),
        described,
        whole: described.relation.clone(),
        coming: None,
    })
}

fn prepare<'a>(
    project: &'a Project,
    names: &Arc<Names>,
    subjects: impl Iterator<Item = Subject<'a>>,
) -> Result<Vec<Check<'a>>, TransformError> {
    let mut files: BTreeMap<String, &str> = BTreeMap::new();
    let mut checks = Vec::new();
    for subject in subjects {
        let described = subject.described;
        for test in &described.tests {
            let name = test
                .name
                .clone()
                .unwrap_or_else(|| default_name(test, &subject.name));
            if let Some(first) = files.insert(name.clone(), &described.file) {
                let what = format!("check `{name}` (give one of the two a `name:`)");
                let (first, second) = (first.to_owned(), described.file.clone());
                return Err(TransformError::Duplicate { what, first, second });
            }
            let context = context(project, names, (&subject, test))?;
            let body = Statement::render(kind(test), context, (&described.file, ""))?.sql;
            let context = context! { body => body, kept => KEPT };
            checks.push(Check {
                name,
                statement: Statement::render("check", context, (&described.file, ""))?,
            });
        }
    }
    Ok(checks)
}

/// Makes the checks, side by side.
pub(super) async fn run(crew: &mut Crew, checks: Vec<Check<'_>>) -> Result<Vec<CheckReport>, TransformError> {
    crew.work(independent(checks), async |connection, check| {
        run_one(connection, check).await
    })
    .await
}

async fn run_one(connection: &mut PgConnection, check: Check<'_>) -> Result<CheckReport, TransformError> {
    let Check { name, statement } = check;
    let found = statement.fetch(connection).await;
    let (failing_rows, JsonColumn(first_rows)): (i64, JsonColumn<Vec<Json>>) =
        found.map_err(|error| named(&name, error))?;
    let status = match failing_rows {
        0 => CheckStatus::Passed,
        _ => CheckStatus::Failed,
    };
    Ok(CheckReport {
        name,
        status,
        failing_rows,
        first_rows,
    })
}

fn context(
    project: &Project,
    names: &Arc<Names>,
    (subject, test): (&Subject<'_>, &DataTest),
) -> Result<Value, TransformError> {
    let relation = subject.relation_for(test);
    let common = context! { relation => relation.value(), column => test.column.clone(), filter => test.filter.clone() };
    let own = match &test.kind {
        Kind::Unique {} | Kind::NotNull {} => context! {},
        Kind::AcceptedValues { values, quote } => {
            let values: Vec<String> = values.iter().map(plain).collect();
            context! { values => values, quote => quote }
        }
        Kind::Relationships { to, field } => {
            let to = project.referred(&subject.described.file, to, names)?;
            context! { to => to, field => field }
        }
    };
    Ok(context! { ..own, ..common })
}

impl Subject<'_> {
    /// Of an incremental model the coming rows will do, where what stands cannot fail because of them.
    fn relation_for(&self, test: &DataTest) -> &Relation {
        match (&self.coming, &test.kind) {
            (Some((model, coming)), Kind::Unique {}) if is_row_key(model, &test.column) => coming,
            (None, _) | (_, Kind::Unique {}) => &self.whole,
            (Some((_, coming)), _) => coming,
        }
    }
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

pub(super) fn kind(test: &DataTest) -> &'static str {
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

pub(super) fn default_name(test: &DataTest, subject: &str) -> String {
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
