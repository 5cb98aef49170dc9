//! The project as it describes itself, for those who show it: nothing here needs a database.

use serde::Serialize;
use serde_json::Value as Json;

use super::TransformError;
use super::check::{Check, Subject};
use super::config::Materialization;
use super::data_test::Severity;
use super::project::{Model, Project};
use super::properties::Described;
use super::relation::Relation;
use super::unit_test::UnitTest;

/// What a project declares. Unique ids are dbt's: `model.PROJECT.NAME` and `source.PROJECT.SOURCE.TABLE`.
#[derive(Debug, Clone, Serialize)]
pub struct Catalog {
    /// The project's name.
    pub project: String,
    /// By source and table.
    pub sources: Vec<CatalogSource>,
    /// In build order.
    pub models: Vec<CatalogModel>,
}

/// A model or seed.
#[derive(Debug, Clone, Serialize)]
pub struct CatalogModel {
    /// Unique in the project.
    pub unique_id: String,
    /// Its name, by which `ref` knows it.
    pub name: String,
    /// The schema that it is published in.
    pub schema: String,
    /// Its table or view, without the schema.
    pub table: String,
    /// Its table or view, as written in SQL.
    pub relation: String,
    /// Its file, relative to the project's folder.
    pub file: String,
    /// What it holds, and one row of it is.
    pub description: Option<String>,
    /// How it is kept.
    pub materialization: Materialization,
    /// In the order in which they were given.
    pub tags: Vec<String>,
    /// Columns that are declared to identify a row; empty when none are.
    pub unique_key: Vec<String>,
    /// Indexes of its table.
    pub indexes: Vec<CatalogIndex>,
    /// Columns that are described; the database may know more.
    pub columns: Vec<CatalogColumn>,
    /// Data tests of the table and of its columns, and those in files of their own that read it.
    pub tests: Vec<CatalogTest>,
    /// Its unit tests.
    pub unit_tests: Vec<CatalogUnitTest>,
    /// Unique ids of the models and sources that it reads.
    pub parents: Vec<String>,
    /// SHA-256 of its SQL and configuration, as in `ops.published_models`.
    pub fingerprint: String,
    /// Its SQL as it is written.
    pub raw_sql: String,
    /// Its SQL as it runs when it is built from the start.
    pub rendered_sql: String,
}

/// A table that the project reads and does not build.
#[derive(Debug, Clone, Serialize)]
pub struct CatalogSource {
    /// Unique in the project.
    pub unique_id: String,
    /// The source's name, the first argument of `source`.
    pub source: String,
    /// The table's name, the second argument.
    pub name: String,
    /// The schema that the table lies in.
    pub schema: String,
    /// The table, without the schema.
    pub table: String,
    /// The table, as written in SQL.
    pub relation: String,
    /// The file that declares it, relative to the project's folder.
    pub file: String,
    /// What it holds.
    pub description: Option<String>,
    /// Columns that are described; the database may know more.
    pub columns: Vec<CatalogColumn>,
    /// Data tests of the table and of its columns.
    pub tests: Vec<CatalogTest>,
}

/// A column of a .yml file.
#[derive(Debug, Clone, Serialize)]
pub struct CatalogColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub description: Option<String>,
}

/// An index of a model's table.
#[derive(Debug, Clone, Serialize)]
pub struct CatalogIndex {
    /// In the index's order.
    pub columns: Vec<String>,
    /// Whether it keeps two rows from having the same values in them.
    pub is_unique: bool,
}

/// A data test.
#[derive(Debug, Clone, Serialize)]
pub struct CatalogTest {
    /// The check's name in `ops.check_results`.
    pub name: String,
    /// The test's name, such as `not_null`.
    pub kind: String,
    /// The column, or the expression, that it looks at; null when it looks at rows as a whole.
    pub column: Option<String>,
    /// What else it is told, such as the values that are accepted.
    pub arguments: Json,
    /// What it is about, where that is said.
    pub description: Option<String>,
    /// What follows when it fails.
    pub severity: Severity,
    /// Only rows for which this holds are looked at.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// The file that declares it, relative to the project's folder.
    pub file: String,
}

/// A unit test: rows in, rows out.
#[derive(Debug, Clone, Serialize)]
pub struct CatalogUnitTest {
    /// Its name.
    pub name: String,
    /// What it is about, where that is said.
    pub description: Option<String>,
}

impl Project {
    /// What the project declares, without models of `docs: {show: false}`.
    ///
    /// # Errors
    /// A template that fails.
    pub fn catalog(&self) -> Result<Catalog, TransformError> {
        let models = self.models.iter().filter(|model| model.config.is_shown());
        Ok(Catalog {
            project: self.names.project.clone(),
            sources: self
                .sources
                .iter()
                .map(|source| self.catalog_source(source))
                .collect(),
            models: models
                .map(|model| self.catalog_model(model))
                .collect::<Result<_, _>>()?,
        })
    }

    fn catalog_model(&self, model: &Model) -> Result<CatalogModel, TransformError> {
        let (described, config, relation) = (&model.described, &model.config, &model.relation);
        let indexes = config.indexes.iter().flatten().map(|index| CatalogIndex {
            columns: index.columns.clone(),
            is_unique: index.unique,
        });
        Ok(CatalogModel {
            unique_id: self.model_id(&model.name),
            name: model.name.clone(),
            schema: relation.schema.clone(),
            table: relation.name.clone(),
            relation: relation.to_string(),
            file: model.file.clone(),
            description: described.description.clone(),
            materialization: config.materialization(),
            tags: config.tags().to_vec(),
            unique_key: config.unique_key.clone().unwrap_or_default(),
            indexes: indexes.collect(),
            columns: columns(described),
            tests: self.tests_of(&Subject::Model(model.name.clone())),
            unit_tests: self.unit_tests(model).map(CatalogUnitTest::of).collect(),
            parents: self.parent_ids(model),
            fingerprint: self.model_fingerprint(model)?,
            raw_sql: self.templates.text(&model.file),
            rendered_sql: self.render_model(model)?.sql,
        })
    }

    fn catalog_source(&self, (key, described): (&(String, String), &Described)) -> CatalogSource {
        let (source, table) = key;
        let Relation { schema, name } = described.relation.clone();
        CatalogSource {
            unique_id: self.source_id(key),
            source: source.clone(),
            name: table.clone(),
            schema,
            table: name,
            relation: described.relation.to_string(),
            file: described.file.clone(),
            description: described.description.clone(),
            columns: columns(described),
            tests: self.tests_of(&Subject::Source(source.clone(), table.clone())),
        }
    }

    /// Data tests that stand at it, and those in files of their own that read it.
    fn tests_of(&self, subject: &Subject) -> Vec<CatalogTest> {
        let is_of = |check: &&Check| match (&check.subject, subject) {
            (Some(of), subject) => of == subject,
            (None, Subject::Model(model)) => check.refs.contains(model),
            (None, Subject::Source(source, table)) => {
                check.sources.contains(&(source.clone(), table.clone()))
            }
        };
        self.checks.iter().filter(is_of).map(CatalogTest::of).collect()
    }

    /// Sources first.
    fn parent_ids(&self, model: &Model) -> Vec<String> {
        let sources = model.sources.iter().map(|source| self.source_id(source));
        let models = model.refs.iter().map(|parent| self.model_id(parent));
        sources.chain(models).collect()
    }

    fn model_id(&self, name: &str) -> String {
        ["model", &self.names.project, name].join(".")
    }

    fn source_id(&self, (source, table): &(String, String)) -> String {
        ["source", &self.names.project, source, table].join(".")
    }
}

fn columns(described: &Described) -> Vec<CatalogColumn> {
    let columns = described.columns.iter();
    let column = columns.map(|(name, description)| CatalogColumn {
        name: name.clone(),
        description: description.clone(),
    });
    column.collect()
}

impl CatalogTest {
    fn of(check: &Check) -> Self {
        Self {
            name: check.name.clone(),
            kind: check.kind.clone(),
            column: check.column.clone(),
            arguments: Json::Object(check.arguments.clone()),
            description: check.description.clone(),
            severity: check.config.severity(),
            filter: check.config.filter().map(str::to_owned),
            file: check.file.clone(),
        }
    }
}

impl CatalogUnitTest {
    fn of(test: &UnitTest) -> Self {
        Self {
            name: test.name.clone(),
            description: test.description.clone(),
        }
    }
}
