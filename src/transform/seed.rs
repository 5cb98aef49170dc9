//! Seeds: .csv files as tables, with the types that dbt finds in them.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};
use serde_json::{Map, Value as Json};

use super::TransformError;
use super::config::Config;
use super::files::SourceFile;
use super::seed_types;
use super::sql::Statement;

/// A seed's rows, as one select statement that gives each column its type.
pub(super) fn select(file: &SourceFile, config: &Config) -> Result<String, TransformError> {
    let columns = columns(file, config)?;
    let height = columns
        .first()
        .map(|column| column.values.len())
        .unwrap_or_default();
    let row = |at: usize| -> Json {
        let values = columns.iter().filter_map(|column| {
            let value = column.values.get(at)?.clone()?;
            Some((column.name.clone(), Json::String(value)))
        });
        Json::Object(Map::from_iter(values))
    };
    let rows = Json::Array((0..height).map(row).collect()).to_string();
    let columns: Vec<Value> = columns
        .into_iter()
        .map(|column| context! { name => column.name, type => column.r#type })
        .collect();
    let context = context! { rows => rows, columns => columns };
    Ok(Statement::render("seed", context, (&file.path, ""))?.sql)
}

struct Column {
    name: String,
    r#type: String,
    values: Vec<Option<String>>,
}

fn columns(file: &SourceFile, config: &Config) -> Result<Vec<Column>, TransformError> {
    let none = BTreeMap::new();
    let types = config.column_types.as_ref().unwrap_or(&none);
    let mut names = BTreeSet::new();
    let mut columns = Vec::new();
    for (name, values) in read(file, config)? {
        let column = match types.get(&name) {
            Some(r#type) => Column {
                r#type: r#type.clone(),
                values,
                name,
            },
            None => {
                let (r#type, values) = seed_types::infer(values);
                Column {
                    r#type: r#type.to_owned(),
                    values,
                    name,
                }
            }
        };
        if column.name.is_empty() || !names.insert(column.name.clone()) {
            return Err(file.error(format!("column name `{}` is empty or there twice", column.name)));
        }
        columns.push(column);
    }
    match types.keys().find(|name| !names.contains(*name)) {
        Some(name) => Err(file.error(format!("column_types names `{name}`, which is no column of it"))),
        None => Ok(columns),
    }
}

/// A column's name and its values.
type Read = (String, Vec<Option<String>>);

/// The columns as they are written. An empty value and the word null are none, as in dbt.
#[cfg(feature = "seeds")]
fn read(file: &SourceFile, config: &Config) -> Result<Vec<Read>, TransformError> {
    use polars_io::SerReader;
    use polars_io::csv::read::{CsvParseOptions, CsvReadOptions};

    let delimiter = match config.delimiter.as_deref().map_or(b",".as_slice(), str::as_bytes) {
        [delimiter] => *delimiter,
        _ => return Err(file.error("delimiter is one ASCII character")),
    };
    let failed = |error: &dyn std::fmt::Display| file.error(format!("cannot be read as CSV: {error}"));
    let text = file.text.trim_start_matches('\u{feff}').as_bytes().to_vec();
    // The header is read as a row, since polars would rename a column that is there twice.
    let table = CsvReadOptions::default()
        .with_has_header(false)
        .with_infer_schema_length(Some(0))
        .with_parse_options(CsvParseOptions::default().with_separator(delimiter))
        .into_reader_with_file_handle(std::io::Cursor::new(text))
        .finish()
        .map_err(|error| failed(&error))?;
    let mut columns = Vec::new();
    for column in table.columns() {
        let fields = column.str().map_err(|error| failed(&error))?;
        let mut fields = fields.iter();
        let name = fields.next().flatten().unwrap_or_default().to_owned();
        let is_null = |field: &&str| matches!(field.trim().to_lowercase().as_str(), "" | "null");
        let values = fields.map(|field| field.filter(|field| !is_null(field)).map(str::to_owned));
        columns.push((name, values.collect()));
    }
    Ok(columns)
}

#[cfg(not(feature = "seeds"))]
fn read(file: &SourceFile, _: &Config) -> Result<Vec<Read>, TransformError> {
    Err(file.error("this firstpress was built without the feature `seeds`"))
}
