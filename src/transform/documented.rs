//! What the project says of its models, for documentation.

use std::collections::BTreeMap;

use serde::Serialize;

use super::check::{Check, Subject};
use super::config::Materialization;
use super::data_test::Severity;
use super::project::{Model, Project};

/// A model, seed or source table as it is described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Documented {
    /// The name for `ref`, or `source.table`.
    pub name: String,
    /// Its file, or the .yml file that declares the source.
    pub file: String,
    /// Schema and name in the database.
    pub relation: (String, String),
    /// `None` for a source.
    pub materialization: Option<Materialization>,
    /// What the .yml file says of it.
    pub description: Option<String>,
    /// Column and what the .yml file says of it.
    pub columns: Vec<(String, Option<String>)>,
    /// From all places.
    pub tags: Vec<String>,
    /// The models, seeds and sources that it reads, by their names here.
    pub reads: Vec<String>,
    /// The data tests that stand at it.
    pub checks: Vec<DocumentedCheck>,
    /// Name and description of each unit test.
    pub unit_tests: BTreeMap<String, Option<String>>,
}

/// A data test as it is described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentedCheck {
    /// Such as `unique_dim_album_album_id`.
    pub name: String,
    /// Such as `unique`; `singular` for a file of its own.
    pub kind: String,
    /// The column that it is about, if it is about one.
    pub column: Option<String>,
    /// What the .yml file says of it.
    pub description: Option<String>,
    /// What follows when it fails.
    pub severity: Severity,
}

impl Project {
    /// Sources by name, then models and seeds in build order, without those of `docs: {show: false}`. A singular
    /// test stands at every model that it reads.
    #[must_use]
    pub fn documented(&self) -> Vec<Documented> {
        let sources = self
            .sources
            .iter()
            .map(|((source, table), described)| Documented {
                name: format!("{source}.{table}"),
                file: described.file.clone(),
                relation: (described.relation.schema.clone(), described.relation.name.clone()),
                materialization: None,
                description: described.description.clone(),
                columns: described.columns.clone(),
                tags: described.config.tags().to_vec(),
                reads: Vec::new(),
                checks: self.checks_at(|check| match &check.subject {
                    Some(subject) => *subject == Subject::Source(source.clone(), table.clone()),
                    None => check.sources.contains(&(source.clone(), table.clone())),
                }),
                unit_tests: BTreeMap::new(),
            });
        let models = self.models.iter().filter(|model| model.config.is_shown());
        sources.chain(models.map(|model| self.document(model))).collect()
    }

    fn document(&self, model: &Model) -> Documented {
        let sources = model
            .sources
            .iter()
            .map(|(source, table)| format!("{source}.{table}"));
        let unit_tests = self.unit_tests(model);
        Documented {
            name: model.name.clone(),
            file: model.file.clone(),
            relation: (model.relation.schema.clone(), model.relation.name.clone()),
            materialization: Some(model.config.materialization()),
            description: model.described.description.clone(),
            columns: model.described.columns.clone(),
            tags: model.config.tags().to_vec(),
            reads: model.refs.iter().cloned().chain(sources).collect(),
            checks: self.checks_at(|check| match &check.subject {
                Some(subject) => *subject == Subject::Model(model.name.clone()),
                None => check.refs.contains(&model.name),
            }),
            unit_tests: unit_tests
                .map(|test| (test.name.clone(), test.description.clone()))
                .collect(),
        }
    }

    fn checks_at(&self, stands_here: impl Fn(&Check) -> bool) -> Vec<DocumentedCheck> {
        let checks = self.checks.iter().filter(|check| stands_here(check));
        checks
            .map(|check| DocumentedCheck {
                name: check.name.clone(),
                kind: check.kind.clone(),
                column: check.column.clone(),
                description: check.description.clone(),
                severity: check.config.severity(),
            })
            .collect()
    }
}
