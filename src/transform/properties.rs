//! The .yml files beside the models: sources, descriptions and data tests.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::TransformError;
use super::config::Config;
use super::data_test::{DataTest, WrittenTest};
use super::files::SourceFile;
use super::relation::Relation;

/// What all .yml files say together.
#[derive(Debug, Default)]
pub(super) struct Properties {
    /// By source and table name.
    pub(super) sources: BTreeMap<(String, String), Described>,
    /// By model name.
    pub(super) models: BTreeMap<String, Described>,
}

/// A model or a source table, described.
#[derive(Debug, Default)]
pub(super) struct Described {
    pub(super) file: String,
    /// Where a source table lies; a model's place comes from its configuration.
    pub(super) relation: Relation,
    pub(super) description: Option<String>,
    /// Column and description.
    pub(super) columns: Vec<(String, Option<String>)>,
    pub(super) tests: Vec<DataTest>,
    pub(super) config: Config,
}

// The files as they are written. A key that is not listed here is refused by name; one that starts with an
// underscore is known, and without effect on the tables.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    sources: Vec<Source>,
    #[serde(default)]
    models: Vec<Table>,
    #[serde(rename = "version")]
    _version: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    name: String,
    schema: Option<String>,
    #[serde(default)]
    tables: Vec<SourceTable>,
    #[serde(rename = "description")]
    _description: Option<IgnoredAny>,
    #[serde(rename = "loader")]
    _loader: Option<IgnoredAny>,
    #[serde(rename = "loaded_at_field")]
    _loaded_at_field: Option<IgnoredAny>,
    #[serde(rename = "freshness")]
    _freshness: Option<IgnoredAny>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
    #[serde(rename = "tags")]
    _tags: Option<IgnoredAny>,
    #[serde(rename = "config")]
    _config: Option<SourceConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    name: String,
    identifier: Option<String>,
    description: Option<String>,
    #[serde(default)]
    columns: Vec<Column>,
    #[serde(default, alias = "tests")]
    data_tests: Vec<WrittenTest>,
    #[serde(rename = "loaded_at_field")]
    _loaded_at_field: Option<IgnoredAny>,
    #[serde(rename = "freshness")]
    _freshness: Option<IgnoredAny>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
    #[serde(rename = "tags")]
    _tags: Option<IgnoredAny>,
    #[serde(rename = "config")]
    _config: Option<SourceConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceConfig {
    #[serde(rename = "loaded_at_field")]
    _loaded_at_field: Option<IgnoredAny>,
    #[serde(rename = "freshness")]
    _freshness: Option<IgnoredAny>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
    #[serde(rename = "tags")]
    _tags: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    description: Option<String>,
    #[serde(default)]
    columns: Vec<Column>,
    #[serde(default, alias = "tests")]
    data_tests: Vec<WrittenTest>,
    #[serde(default)]
    config: Config,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
    #[serde(rename = "docs")]
    _docs: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    description: Option<String>,
    #[serde(default, alias = "tests")]
    data_tests: Vec<WrittenTest>,
    #[serde(rename = "data_type")]
    _data_type: Option<IgnoredAny>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
    #[serde(rename = "tags")]
    _tags: Option<IgnoredAny>,
}

impl Properties {
    /// Reads every .yml file under the model folders.
    pub(super) fn read(files: &[SourceFile], model_paths: &[String]) -> Result<Properties, TransformError> {
        let mut properties = Properties::default();
        for file in files
            .iter()
            .filter(|file| file.is_yaml() && file.is_under(model_paths))
        {
            let written: File = file.yaml()?;
            for source in written.sources {
                properties.add_source(file, source)?;
            }
            for model in written.models {
                let described = described(file, (model.description, model.columns, model.data_tests))?;
                let described = Described {
                    config: model.config,
                    ..described
                };
                let what = format!("description of model `{}`", model.name);
                insert(&mut properties.models, model.name, described, what)?;
            }
        }
        Ok(properties)
    }

    fn add_source(&mut self, file: &SourceFile, source: Source) -> Result<(), TransformError> {
        let schema = source.schema.unwrap_or_else(|| source.name.clone());
        for table in source.tables {
            let name = table.identifier.unwrap_or_else(|| table.name.clone());
            let described = described(file, (table.description, table.columns, table.data_tests))?;
            let described = Described {
                relation: Relation {
                    schema: schema.clone(),
                    name,
                },
                ..described
            };
            let what = format!("source `{}.{}`", source.name, table.name);
            insert(
                &mut self.sources,
                (source.name.clone(), table.name),
                described,
                what,
            )?;
        }
        Ok(())
    }
}

fn described(
    file: &SourceFile,
    (description, columns, tests): (Option<String>, Vec<Column>, Vec<WrittenTest>),
) -> Result<Described, TransformError> {
    let mut described = Described {
        file: file.path.clone(),
        ..Described::default()
    };
    described.description = plain(file, description)?;
    for test in tests {
        described
            .tests
            .push(test.read(None).map_err(|detail| file.error(detail))?);
    }
    for column in columns {
        for test in column.data_tests {
            described.tests.push(
                test.read(Some(&column.name))
                    .map_err(|detail| file.error(detail))?,
            );
        }
        described
            .columns
            .push((column.name, plain(file, column.description)?));
    }
    Ok(described)
}

/// A description without doc blocks, and without the space that YAML's block text leaves at its end.
fn plain(file: &SourceFile, description: Option<String>) -> Result<Option<String>, TransformError> {
    match description {
        Some(text) if text.contains("{{") => Err(file.error(format!(
            "Jinja in a description is not supported yet: {}",
            text.trim()
        ))),
        Some(text) if text.trim().is_empty() => Ok(None),
        text => Ok(text.map(|text| text.trim().to_owned())),
    }
}

fn insert<K: Ord + Clone>(
    map: &mut BTreeMap<K, Described>,
    key: K,
    described: Described,
    what: String,
) -> Result<(), TransformError> {
    let second = described.file.clone();
    match map.insert(key, described) {
        None => Ok(()),
        Some(first) => Err(TransformError::Duplicate {
            what,
            first: first.file,
            second,
        }),
    }
}
