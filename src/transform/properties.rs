//! The .yml files beside the models: sources, descriptions and data tests.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::TransformError;
use super::config::{Config, Docs, one_or_many};
use super::data_test::{DataTest, TestConfig, WrittenTest};
use super::docs::Docs as DocBlocks;
use super::files::SourceFile;
use super::freshness::{Freshness, Limits};
use super::relation::{self, Relation};
use super::unit_test::WrittenUnitTest;

/// What all .yml files say together.
#[derive(Debug, Default)]
pub(super) struct Properties {
    /// By source and table name.
    pub(super) sources: BTreeMap<(String, String), Described>,
    /// By model name.
    pub(super) models: BTreeMap<String, Described>,
    /// By seed name.
    pub(super) seeds: BTreeMap<String, Described>,
    /// By the name of the file in `tests/`.
    pub(super) singular_tests: BTreeMap<String, DescribedTest>,
    /// Each with its file.
    pub(super) unit_tests: Vec<(String, WrittenUnitTest)>,
}

/// A model, seed or source table, described.
#[derive(Debug, Default)]
pub(super) struct Described {
    pub(super) file: String,
    /// Where a source table lies; a model's place comes from its configuration.
    pub(super) relation: Relation,
    pub(super) description: Option<String>,
    /// Column and description.
    pub(super) columns: Vec<(String, Option<String>)>,
    pub(super) tests: Vec<DataTest>,
    /// Of a source table, its tags alone.
    pub(super) config: Config,
    /// Of a source table, how old it may be.
    pub(super) freshness: Option<Freshness>,
}

/// What a .yml file says of a test in `tests/`.
#[derive(Debug)]
pub(super) struct DescribedTest {
    pub(super) file: String,
    pub(super) description: Option<String>,
    pub(super) config: TestConfig,
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
    #[serde(default)]
    seeds: Vec<Table>,
    #[serde(default, alias = "tests")]
    data_tests: Vec<SingularTest>,
    #[serde(default)]
    unit_tests: Vec<WrittenUnitTest>,
    #[serde(rename = "version")]
    _version: Option<IgnoredAny>,
    #[serde(rename = "exposures")]
    _exposures: Option<IgnoredAny>,
    #[serde(rename = "macros")]
    _macros: Option<IgnoredAny>,
    #[serde(rename = "analyses")]
    _analyses: Option<IgnoredAny>,
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
    loaded_at_field: Option<String>,
    #[serde(default, deserialize_with = "stated")]
    freshness: Option<Option<Limits>>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "one_or_many")]
    tags: Option<Vec<String>>,
    #[serde(default)]
    config: SourceConfig,
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
    loaded_at_field: Option<String>,
    #[serde(default, deserialize_with = "stated")]
    freshness: Option<Option<Limits>>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "one_or_many")]
    tags: Option<Vec<String>>,
    #[serde(default)]
    config: SourceConfig,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SourceConfig {
    enabled: Option<bool>,
    #[serde(deserialize_with = "one_or_many")]
    tags: Option<Vec<String>>,
    loaded_at_field: Option<String>,
    #[serde(default, deserialize_with = "stated")]
    freshness: Option<Option<Limits>>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
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
    docs: Option<Docs>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnConfig {
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
    #[serde(rename = "tags")]
    _tags: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SingularTest {
    name: String,
    description: Option<String>,
    #[serde(default)]
    config: TestConfig,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    description: Option<String>,
    /// Whether tests name the column in quotes.
    #[serde(default)]
    quote: bool,
    #[serde(default, alias = "tests")]
    data_tests: Vec<WrittenTest>,
    #[serde(rename = "config")]
    _config: Option<ColumnConfig>,
    #[serde(rename = "data_type")]
    _data_type: Option<IgnoredAny>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
    #[serde(rename = "tags")]
    _tags: Option<IgnoredAny>,
}

impl Properties {
    /// Reads every .yml file in the folders.
    pub(super) fn read(
        files: &[SourceFile],
        folders: &[String],
        docs: &DocBlocks,
    ) -> Result<Properties, TransformError> {
        let mut properties = Properties::default();
        for file in files
            .iter()
            .filter(|file| file.is_yaml() && file.is_under(folders))
        {
            let reader = Reader { file, docs };
            let written: File = file.yaml()?;
            for source in written.sources {
                properties.add_source(&reader, source)?;
            }
            for model in written.models {
                let what = format!("description of model `{}`", model.name);
                let (name, described) = reader.table(model)?;
                insert(&mut properties.models, name, described, what)?;
            }
            for seed in written.seeds {
                let what = format!("description of seed `{}`", seed.name);
                let (name, described) = reader.table(seed)?;
                insert(&mut properties.seeds, name, described, what)?;
            }
            for test in written.data_tests {
                properties.add_singular_test(&reader, test)?;
            }
            for mut test in written.unit_tests {
                test.description = docs.describe(file, test.description)?;
                properties.unit_tests.push((file.path.clone(), test));
            }
        }
        Ok(properties)
    }

    fn add_source(&mut self, reader: &Reader<'_>, source: Source) -> Result<(), TransformError> {
        let schema = source.schema.unwrap_or_else(|| source.name.clone());
        let of_source = [source.tags, source.config.tags];
        let loaded_at_field = source.config.loaded_at_field.or(source.loaded_at_field);
        let freshness = source.config.freshness.or(source.freshness).flatten();
        for table in source.tables {
            let enabled = table.config.enabled.or(source.config.enabled);
            if enabled == Some(false) {
                continue;
            }
            let name = table.identifier.unwrap_or_else(|| table.name.clone());
            for written in [&schema, &name] {
                if written.contains("{{") {
                    let detail = format!("Jinja in the place of a source is not supported: {written}");
                    return Err(reader.file.error(detail));
                }
            }
            let tags = of_source.iter().cloned().chain([table.tags, table.config.tags]);
            let described = reader.described((table.description, table.columns, table.data_tests))?;
            let loaded_at = table.config.loaded_at_field.or(table.loaded_at_field);
            let limits = match table.config.freshness.or(table.freshness) {
                None => freshness.clone(),
                Some(own) => own.map(|own| own.over(freshness.clone().unwrap_or_default())),
            };
            let loaded_at = loaded_at.or(loaded_at_field.clone());
            let described = Described {
                freshness: loaded_at
                    .zip(limits)
                    .map(|(loaded_at, limits)| Freshness { loaded_at, limits }),
                relation: Relation {
                    schema: schema.clone(),
                    name,
                },
                config: Config::tagged(tags.flatten().flatten().collect()),
                ..described
            };
            let what = format!("source `{}.{}`", source.name, table.name);
            let key = (source.name.clone(), table.name);
            insert(&mut self.sources, key, described, what)?;
        }
        Ok(())
    }

    fn add_singular_test(&mut self, reader: &Reader<'_>, test: SingularTest) -> Result<(), TransformError> {
        let described = DescribedTest {
            file: reader.file.path.clone(),
            description: reader.docs.describe(reader.file, test.description)?,
            config: test.config,
        };
        let second = described.file.clone();
        match self.singular_tests.insert(test.name.clone(), described) {
            None => Ok(()),
            Some(first) => Err(TransformError::Duplicate {
                what: format!("description of test `{}`", test.name),
                first: first.file,
                second,
            }),
        }
    }
}

/// Reads what one file describes.
struct Reader<'a> {
    file: &'a SourceFile,
    docs: &'a DocBlocks,
}

impl Reader<'_> {
    fn table(&self, table: Table) -> Result<(String, Described), TransformError> {
        let described = self.described((table.description, table.columns, table.data_tests))?;
        let config = table.config.or_docs(table.docs);
        Ok((table.name, Described { config, ..described }))
    }

    fn described(
        &self,
        (description, columns, tests): (Option<String>, Vec<Column>, Vec<WrittenTest>),
    ) -> Result<Described, TransformError> {
        let mut described = Described {
            file: self.file.path.clone(),
            description: self.docs.describe(self.file, description)?,
            ..Described::default()
        };
        for test in tests {
            described.tests.push(self.test(test, None)?);
        }
        for column in columns {
            let tested = match column.quote {
                true => relation::quoted(&column.name),
                false => column.name.clone(),
            };
            for test in column.data_tests {
                described.tests.push(self.test(test, Some(&tested))?);
            }
            let description = self.docs.describe(self.file, column.description)?;
            described.columns.push((column.name, description));
        }
        Ok(described)
    }

    fn test(&self, test: WrittenTest, column: Option<&str>) -> Result<DataTest, TransformError> {
        let read = test.read(column).map_err(|detail| self.file.error(detail))?;
        let description = self.docs.describe(self.file, read.description)?;
        Ok(DataTest { description, ..read })
    }
}

/// Tells `freshness: null`, which states that none is asked for, from nothing stated.
fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Limits>>, D::Error> {
    Option::<Limits>::deserialize(deserializer).map(Some)
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
