//! The project, documented: what it declares and what the database says of it, as one HTML page or as JSON.

mod database;
mod gaps;
mod lineage;
mod page;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::transform::{
    Catalog, CatalogColumn, CatalogIndex, CatalogModel, CatalogSource, CatalogTest, CatalogUnitTest,
    Materialization,
};

pub use database::{Built, CheckResult, DatabaseColumn, Facts, Run, Standing};

/// Everything that the page shows.
#[derive(Debug, Serialize)]
pub struct Docs {
    /// The project's name.
    pub project: String,
    /// Version of firstpress.
    pub version: &'static str,
    /// When this was put together.
    pub made_at: DateTime<Utc>,
    /// Whether a database answered.
    pub is_database_known: bool,
    /// The latest run; null before the first.
    pub run: Option<Run>,
    /// Sources by name, then models in build order.
    pub nodes: Vec<Node>,
}

/// A source or a model.
#[derive(Debug, Serialize)]
pub struct Node {
    /// As in dbt: `model.PROJECT.NAME` or `source.PROJECT.SOURCE.TABLE`.
    pub unique_id: String,
    /// `model` or `source`.
    pub resource_type: &'static str,
    /// A model's name; SOURCE.TABLE of a source.
    pub name: String,
    /// What it stands with in the lineage: a model's schema, or `sources`.
    pub layer: String,
    /// Table or view, as SCHEMA.TABLE.
    pub relation: String,
    /// The file that defines it, relative to the project's folder.
    pub file: String,
    /// What it holds.
    pub description: Option<String>,
    /// How a model is kept.
    pub materialization: Option<Materialization>,
    /// A model's tags.
    pub tags: Vec<String>,
    /// Columns that identify a row of a model: its `unique_key`, else what is said or tested to be unique.
    pub key: Vec<String>,
    /// Indexes of a model's table.
    pub indexes: Vec<CatalogIndex>,
    /// Unique ids of what it reads.
    pub parents: Vec<String>,
    /// Unique ids of the models that read it.
    pub children: Vec<String>,
    /// Those of the database in its order, then what is only declared.
    pub columns: Vec<Column>,
    /// Data tests.
    pub tests: Vec<Test>,
    /// Unit tests of a model.
    pub unit_tests: Vec<CatalogUnitTest>,
    /// Whether the database has it.
    pub stands: bool,
    /// About how many rows a source has; null where Postgres has not counted.
    pub estimated_rows: Option<i64>,
    /// How a model was published last; null when it was not.
    pub built: Option<Built>,
    /// Whether its SQL or configuration is another one than when it was built.
    pub has_changed_since: bool,
    /// What its description and its tests lack; empty for sources.
    pub gaps: Vec<String>,
    /// A model's SQL as it is written.
    pub raw_sql: Option<String>,
    /// A model's SQL as it runs.
    pub rendered_sql: Option<String>,
}

/// A column of a source or a model.
#[derive(Debug, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in the database; null when it does not stand there.
    pub r#type: Option<String>,
    /// As the project describes it, else as its comment in the database does.
    pub description: Option<String>,
    /// Whether the project describes it.
    pub is_described: bool,
}

/// A data test and what it found last.
#[derive(Debug, Serialize)]
pub struct Test {
    /// What is tested.
    #[serde(flatten)]
    pub declared: CatalogTest,
    /// What it found; null when it was never made.
    pub result: Option<CheckResult>,
}

impl Docs {
    /// Puts together what the project declares and what the database says; without a database, what it declares.
    #[must_use]
    pub fn new(catalog: Catalog, facts: Option<Facts>) -> Self {
        let is_database_known = facts.is_some();
        let mut facts = facts.unwrap_or_default();
        let sources = catalog
            .sources
            .into_iter()
            .map(|source| Node::of_source(source, &mut facts));
        let mut nodes: Vec<Node> = sources.collect();
        nodes.extend(
            catalog
                .models
                .into_iter()
                .map(|model| Node::of_model(model, &mut facts)),
        );
        let mut children: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for node in &nodes {
            for parent in &node.parents {
                children
                    .entry(parent.clone())
                    .or_default()
                    .push(node.unique_id.clone());
            }
        }
        for node in &mut nodes {
            node.children = children.remove(&node.unique_id).unwrap_or_default();
        }
        Self {
            project: catalog.project,
            version: env!("CARGO_PKG_VERSION"),
            made_at: Utc::now(),
            is_database_known,
            run: facts.run,
            nodes,
        }
    }

    /// The models, in build order.
    pub fn models(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.resource_type == "model")
    }
}

impl Test {
    /// Whether it was made, and this is what came of it.
    fn is(&self, status: &str) -> bool {
        self.result.as_ref().is_some_and(|result| result.status == status)
    }
}

impl Node {
    fn of_model(model: CatalogModel, facts: &mut Facts) -> Self {
        let standing = facts.standing.remove(&model.relation);
        // a table that was dropped is not built, whatever was written down of it
        let built = facts.built.remove(&model.name).filter(|_| standing.is_some());
        let columns = columns(&model.columns, standing.as_ref());
        let gaps = gaps::gaps(&model, &columns);
        let key = gaps::key(&model);
        Self {
            unique_id: model.unique_id,
            resource_type: "model",
            name: model.name,
            layer: model.schema.clone(),
            relation: [model.schema, model.table].join("."),
            file: model.file,
            description: model.description,
            materialization: Some(model.materialization),
            tags: model.tags,
            key,
            indexes: model.indexes,
            parents: model.parents,
            children: Vec::new(),
            columns,
            tests: tests(model.tests, facts),
            unit_tests: model.unit_tests,
            stands: standing.is_some(),
            estimated_rows: None,
            has_changed_since: built
                .as_ref()
                .is_some_and(|built| built.fingerprint != model.fingerprint),
            built,
            gaps,
            raw_sql: Some(model.raw_sql),
            rendered_sql: Some(model.rendered_sql),
        }
    }

    fn of_source(source: CatalogSource, facts: &mut Facts) -> Self {
        let standing = facts.standing.remove(&source.relation);
        let comment = standing.as_ref().and_then(|standing| standing.comment.clone());
        Self {
            unique_id: source.unique_id,
            resource_type: "source",
            name: [source.source, source.name].join("."),
            layer: "sources".to_owned(),
            relation: [source.schema, source.table].join("."),
            file: source.file,
            description: source.description.or(comment),
            materialization: None,
            tags: Vec::new(),
            key: Vec::new(),
            indexes: Vec::new(),
            parents: Vec::new(),
            children: Vec::new(),
            columns: columns(&source.columns, standing.as_ref()),
            tests: tests(source.tests, facts),
            unit_tests: Vec::new(),
            stands: standing.is_some(),
            estimated_rows: standing.and_then(|standing| standing.estimated_rows),
            built: None,
            has_changed_since: false,
            gaps: Vec::new(),
            raw_sql: None,
            rendered_sql: None,
        }
    }
}

fn columns(declared: &[CatalogColumn], standing: Option<&Standing>) -> Vec<Column> {
    let known = standing.map_or(&[][..], |standing| &standing.columns);
    let described = |name: &str| {
        let declared = declared.iter().find(|column| column.name == name);
        declared.and_then(|column| column.description.clone())
    };
    let mut columns: Vec<Column> = Vec::new();
    for column in known {
        let description = described(&column.name);
        columns.push(Column {
            name: column.name.clone(),
            r#type: Some(column.r#type.clone()),
            is_described: description.is_some(),
            description: description.or_else(|| column.comment.clone()),
        });
    }
    for column in declared
        .iter()
        .filter(|column| known.iter().all(|other| other.name != column.name))
    {
        columns.push(Column {
            name: column.name.clone(),
            r#type: None,
            is_described: column.description.is_some(),
            description: column.description.clone(),
        });
    }
    columns
}

fn tests(declared: Vec<CatalogTest>, facts: &Facts) -> Vec<Test> {
    let test = declared.into_iter().map(|declared| Test {
        // one in a file of its own stands at every model that it reads
        result: facts.checks.get(&declared.name).cloned(),
        declared,
    });
    test.collect()
}
