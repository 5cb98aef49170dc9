//! Rows that a unit test gives or expects.

use minijinja::{Value, context};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::TransformError;
use super::files::SourceFile;
use super::settings::Settings;
use super::sql::Statement;

/// Rows by themselves, or SQL that selects them.
#[derive(Debug)]
pub(super) enum Fixture {
    /// Values by column; a column that is not named is null.
    Rows(Vec<Map<String, Json>>),
    Sql(String),
}

/// How rows are written.
#[derive(Debug, Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    #[default]
    Dict,
    Csv,
    Sql,
}

/// Rows as they are written: in place, or in a file of `tests/fixtures/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRows {
    pub(super) rows: Option<Json>,
    #[serde(default)]
    pub(super) format: Format,
    pub(super) fixture: Option<String>,
}

impl WrittenRows {
    /// The rows; an error says what is wrong with them.
    pub(super) fn read(self, files: &[SourceFile], settings: &Settings) -> Result<Fixture, String> {
        let rows = match (self.rows, self.fixture) {
            (Some(_), Some(_)) => return Err("rows and fixture exclude each other".to_owned()),
            (rows, None) => rows.unwrap_or(Json::Null),
            (None, Some(name)) => Json::from(fixture_text(&name, self.format, (files, settings))?),
        };
        match (self.format, rows) {
            (_, Json::Null) => Ok(Fixture::Rows(Vec::new())),
            (Format::Dict, Json::Array(rows)) => rows
                .into_iter()
                .map(as_row)
                .collect::<Result<_, _>>()
                .map(Fixture::Rows),
            (Format::Csv, Json::String(text)) => from_csv(&text).map(Fixture::Rows),
            (Format::Sql, Json::String(sql)) => Ok(Fixture::Sql(sql.trim().trim_end_matches(';').to_owned())),
            (Format::Dict, _) => Err("rows of format dict are a list of columns with values".to_owned()),
            (Format::Csv | Format::Sql, _) => Err("rows of format csv or sql are text".to_owned()),
        }
    }
}

fn fixture_text(
    name: &str,
    format: Format,
    (files, settings): (&[SourceFile], &Settings),
) -> Result<String, String> {
    let fits = |file: &&SourceFile| match format {
        Format::Csv => file.is_csv(),
        Format::Sql => file.is_sql(),
        Format::Dict => false,
    };
    let mut found = files
        .iter()
        .filter(|file| settings.is_fixture(file) && file.stem() == name)
        .filter(fits);
    let file = found.next();
    let file = file
        .ok_or_else(|| format!("fixture `{name}` is no .csv or .sql file of its format in tests/fixtures"))?;
    Ok(file.text.clone())
}

fn as_row(row: Json) -> Result<Map<String, Json>, String> {
    match row {
        Json::Object(row) => Ok(row),
        other => Err(format!("expected columns with values, found {other}")),
    }
}

/// An empty field is null, as in dbt.
fn from_csv(text: &str) -> Result<Vec<Map<String, Json>>, String> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.trim_start().as_bytes());
    let columns = reader.headers().map_err(|error| error.to_string())?.clone();
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|error| error.to_string())?;
            let value = |field: &str| match field {
                "" => Json::Null,
                text => Json::from(text),
            };
            let fields = columns.iter().zip(record.iter());
            Ok(fields
                .map(|(column, field)| (column.to_owned(), value(field)))
                .collect())
        })
        .collect()
}

impl Fixture {
    /// A select of the rows with the types of `relation`: all its columns, or `only` those that the rows name.
    pub(super) fn select(&self, relation: &str, only: bool) -> Result<String, TransformError> {
        let rows = match self {
            Fixture::Sql(sql) => return Ok(sql.clone()),
            Fixture::Rows(rows) => rows,
        };
        let mut columns: Vec<&str> = Vec::new();
        for column in rows.iter().flat_map(Map::keys) {
            if !columns.contains(&column.as_str()) {
                columns.push(column);
            }
        }
        let only = only && !columns.is_empty();
        let rows = Json::from_iter(rows.iter().cloned().map(Json::Object)).to_string();
        let columns: Vec<Value> = columns.into_iter().map(Value::from).collect();
        let context = context! { relation => relation, rows => rows, columns => columns, only => only };
        Ok(Statement::render("fixture", context, ("fixture.sql", ""))?.sql)
    }
}
