//! The dbt project: read, understood, and ordered, before any database is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::TransformError;
use super::check::Check;
use super::config::{Config, Materialization};
use super::context::Names;
use super::graph::{self, Needs};
use super::properties::Described;
use super::relation::Relation;
use super::render::Templates;

/// A dbt project whose templates render, whose references lead somewhere, and whose models have an order.
#[derive(Debug)]
pub struct Project {
    /// In build order.
    pub(super) models: Vec<Model>,
    pub(super) needs: Needs,
    pub(super) names: Arc<Names>,
    pub(super) templates: Templates,
    pub(super) sources: BTreeMap<(String, String), Described>,
    pub(super) checks: Vec<Check>,
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
        let models = self.selected(select)?;
        models.into_iter().map(|model| self.render_model(model)).collect()
    }

    /// The selected models in build order.
    pub(super) fn selected(&self, select: Option<&str>) -> Result<Vec<&Model>, TransformError> {
        let selected = graph::select(&self.needs, select)?;
        Ok(self
            .models
            .iter()
            .filter(|model| selected.contains(&model.name))
            .collect())
    }

    pub(super) fn render_model(&self, model: &Model) -> Result<RenderedModel, TransformError> {
        let (sql, _) = self.templates.render(&model.file, &self.names, &model.relation)?;
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

    /// The checks that read one of the models and, if wanted, those that read a source; dbt calls this choice eager.
    pub(super) fn checks(&self, models: &[&Model], with_sources: bool) -> Vec<&Check> {
        let selected = |name: &String| models.iter().any(|model| model.name == *name);
        self.checks
            .iter()
            .filter(|check| check.refs.iter().any(selected) || (with_sources && check.refs.is_empty()))
            .collect()
    }

    /// One select statement that finds a check's bad rows, with relations as `names` has them.
    pub(super) fn render_check(&self, check: &Check, names: &Arc<Names>) -> Result<String, TransformError> {
        check.select(&self.templates, names)
    }
}

impl Model {
    /// Whether it has a table or view of its own.
    pub(super) fn is_built(&self) -> bool {
        self.config.materialization() != Materialization::Ephemeral
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
