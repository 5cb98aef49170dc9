//! The dbt project: read, understood, and ordered, before any database is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::TransformError;
use super::check::Check;
use super::config::{Config, Materialization};
use super::context::Names;
use super::properties::Described;
use super::relation::Relation;
use super::render::Templates;
use super::selection::{Selected, Selection};
use super::unit_test::UnitTest;

/// The schema in which models are built before they are published.
const ASIDE: &str = "aside";

/// A dbt project whose templates render, whose references lead somewhere, and whose models have an order.
#[derive(Debug)]
pub struct Project {
    /// In build order.
    pub(super) models: Vec<Model>,
    pub(super) names: Arc<Names>,
    pub(super) templates: Templates,
    pub(super) sources: BTreeMap<(String, String), Described>,
    pub(super) checks: Vec<Check>,
    pub(super) unit_tests: Vec<UnitTest>,
    pub(super) fingerprint: String,
}

/// A model whose place and configuration are settled.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) relation: Relation,
    pub(super) config: Config,
    pub(super) described: Described,
    /// The project, the folders and the name: what selections go by.
    pub(super) fqn: Vec<String>,
    /// The models that it refers to.
    pub(super) refs: BTreeSet<String>,
    /// The source tables that it reads.
    pub(super) sources: BTreeSet<(String, String)>,
    /// A seed's rows, selected.
    pub(super) seed: Option<String>,
}

/// A model's SQL as it would run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RenderedModel {
    /// The model's name.
    pub name: String,
    /// The schema it is published in.
    pub schema: String,
    /// Its file, relative to the project's folder.
    pub file: String,
    /// One select statement.
    pub sql: String,
}

impl Project {
    /// SHA-256 of the project's files and of firstpress's version, in hexadecimal: the same models built by the
    /// same program.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The SQL of the selected models in build order.
    ///
    /// # Errors
    /// `UnknownSelection`, or a template that fails.
    pub fn render(&self, select: Option<&str>) -> Result<Vec<RenderedModel>, TransformError> {
        let selection = Selection {
            select,
            ..Selection::default()
        };
        let models = self.selected(&selection)?.models;
        models.into_iter().map(|model| self.render_model(model)).collect()
    }

    /// SHA-256 over what decides which rows a model holds and where: its SQL in both modes, its configuration and
    /// its place. Moments and ids of this run are left out of it.
    pub(super) fn model_fingerprint(&self, model: &Model) -> Result<String, TransformError> {
        let mut digest = Sha256::new();
        for is_incremental in [false, true] {
            let names = Arc::new(self.names.at_any_time(is_incremental));
            let sql = self.sql(model, &names)?;
            digest.update(format!("{} {sql}", sql.len()));
        }
        // what only tells people about the model is left out
        let mut config = model.config.clone();
        (config.tags, config.docs) = (None, None);
        digest.update(format!("{} {config:?}", model.relation));
        Ok(hexadecimal(&digest.finalize()))
    }

    /// The names that there are, where the models of `aside` are read from the schema of that name.
    pub(super) fn names(&self, aside: &[&Model]) -> Arc<Names> {
        let mut names = Names::clone(&self.names);
        let built = aside.iter().map(|model| (model.name.clone(), model.aside()));
        names.models.extend(built);
        Arc::new(names)
    }

    pub(super) fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The models with a table or view of their own that a model reads, directly or through ephemeral ones.
    pub(super) fn parents(&self, model: &Model) -> BTreeSet<&str> {
        let mut parents = BTreeSet::new();
        let read = self
            .models
            .iter()
            .filter(|parent| model.refs.contains(&parent.name));
        for parent in read {
            if parent.is_built() {
                parents.insert(parent.name.as_str());
            } else {
                parents.extend(self.parents(parent));
            }
        }
        parents
    }

    pub(super) fn render_model(&self, model: &Model) -> Result<RenderedModel, TransformError> {
        let sql = self.sql(model, &self.names)?;
        let Model {
            name, file, relation, ..
        } = model;
        Ok(RenderedModel {
            name: name.clone(),
            schema: relation.schema.clone(),
            file: file.clone(),
            sql,
        })
    }

    /// One select statement that makes a model's rows, with relations as `names` has them.
    pub(super) fn sql(&self, model: &Model, names: &Arc<Names>) -> Result<String, TransformError> {
        match &model.seed {
            Some(select) => Ok(select.clone()),
            None => Ok(self.templates.render(&model.file, names, &model.relation)?.0),
        }
    }

    /// The checks that read one of the selected models or sources; dbt calls this choice eager.
    pub(super) fn checks(&self, selected: &Selected<'_>) -> Vec<&Check> {
        let is_selected = |name: &String| selected.models.iter().any(|model| model.name == *name);
        self.checks
            .iter()
            .filter(|check| {
                check.refs.iter().any(is_selected)
                    || check
                        .sources
                        .iter()
                        .any(|source| selected.sources.contains(source))
            })
            .collect()
    }

    /// The unit tests of a model, to be run before it is built.
    pub(super) fn unit_tests(&self, model: &Model) -> impl Iterator<Item = &UnitTest> {
        self.unit_tests.iter().filter(|test| test.model == model.name)
    }

    /// One select statement that finds a check's bad rows, with relations as `names` has them; `to` stands in
    /// for the argument of that name.
    pub(super) fn render_check(
        &self,
        check: &Check,
        (names, to): (&Arc<Names>, Option<String>),
    ) -> Result<String, TransformError> {
        check.select(&self.templates, names, to)
    }
}

impl Model {
    /// Where it is built before it is published.
    pub(super) fn aside(&self) -> Relation {
        Relation {
            schema: ASIDE.to_owned(),
            name: self.name.clone(),
        }
    }

    /// Whether it has a table or view of its own.
    pub(super) fn is_built(&self) -> bool {
        self.config.materialization() != Materialization::Ephemeral
    }

    /// Whether its rows come from a .csv file.
    pub(super) fn is_seed(&self) -> bool {
        self.seed.is_some()
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
