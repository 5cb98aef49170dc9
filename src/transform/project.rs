//! The dbt project: read, understood, and ordered, before any database is asked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use minijinja::{Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::TransformError;
use super::config::Config;
use super::context::{Names, Place, Said};
use super::files::{self, SourceFile};
use super::graph::{self, Needs};
use super::properties::{Described, Properties};
use super::relation::Relation;
use super::render::Templates;
use super::settings::Settings;

/// Postgres cuts longer identifiers, and two models could fall together.
const LONGEST_NAME: usize = 63;

/// The schema in which models are built before they are published.
const ASIDE: &str = "aside";

/// A dbt project whose templates render, whose references lead somewhere, and whose models have an order.
#[derive(Debug)]
pub struct Project {
    /// In build order.
    models: Vec<Model>,
    needs: Needs,
    pub(super) names: Arc<Names>,
    pub(super) templates: Templates,
    sources: BTreeMap<(String, String), Described>,
    fingerprint: String,
}

/// A model whose place and configuration are settled.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) relation: Relation,
    pub(super) config: Config,
    pub(super) described: Described,
    /// SHA-256 of its SQL, with and without `is_incremental()`, and of its configuration, in hexadecimal.
    pub(super) fingerprint: String,
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

/// A model after its first rendering, which tells its references and its configuration.
struct Heard<'a> {
    file: &'a SourceFile,
    said: Said,
}

impl Project {
    /// Loads the project in a folder; without one, the project built into the binary.
    ///
    /// # Errors
    /// Everything that is wrong with the project and can be known without a database.
    pub fn load(templates_dir: Option<&Path>) -> Result<Project, TransformError> {
        let files = files::read(templates_dir)?;
        let settings = Settings::read(&files)?;
        let mut properties = Properties::read(&files, &settings.model_paths)?;
        let templates = Templates::compile(&files, &settings)?;
        let mut names = known_names(&files, &settings, &properties)?;
        let heard = first_pass(&files, &settings, &templates, &names)?;
        let needs: Needs = heard
            .iter()
            .map(|(name, model)| (name.clone(), model.said.refs.clone()))
            .collect();
        let order = graph::order(&needs)?;
        let mut models = BTreeMap::new();
        for (name, heard) in heard {
            let described = properties.models.remove(&name).unwrap_or_default();
            models.insert(
                name.clone(),
                settle(name, heard, described, (&settings, &templates))?,
            );
        }
        refuse_strays(&properties, &models)?;
        names.models = models
            .values()
            .map(|model| (model.name.clone(), model.relation.clone()))
            .collect();
        let names = Arc::new(names);
        for model in models.values_mut() {
            model.fingerprint = fingerprint_of(model, &templates.timeless(), &names)?;
        }
        Ok(Project {
            models: order.iter().filter_map(|name| models.remove(name)).collect(),
            needs,
            names,
            templates,
            sources: properties.sources,
            fingerprint: fingerprint(&files),
        })
    }

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

    /// The names that there are, where the models of `aside` are read from the schema of that name.
    pub(super) fn names(&self, aside: &[&Model]) -> Arc<Names> {
        let mut names = Names::clone(&self.names);
        let built = aside.iter().map(|model| (model.name.clone(), model.aside()));
        names.models.extend(built);
        Arc::new(names)
    }

    /// The models that a model reads.
    pub(super) fn parents(&self, model: &Model) -> impl Iterator<Item = &str> {
        self.needs
            .get(&model.name)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// The model's SQL where its references lead to `names`.
    pub(super) fn sql(
        &self,
        model: &Model,
        names: &Arc<Names>,
        is_incremental: bool,
    ) -> Result<String, TransformError> {
        let place = Place {
            names: Arc::clone(names),
            this: model.relation.clone(),
            is_incremental,
        };
        Ok(self.templates.render(&model.file, &place)?.0)
    }

    pub(super) fn render_model(&self, model: &Model) -> Result<RenderedModel, TransformError> {
        let sql = self.sql(model, &self.names, false)?;
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

    /// The declared sources, by source and table name.
    pub(super) fn sources(&self) -> impl Iterator<Item = (&(String, String), &Described)> {
        self.sources.iter()
    }

    /// The relation that `ref(…)` or `source(…)`, written in `file`, stands for among `names`.
    pub(super) fn referred(
        &self,
        file: &str,
        expression: &str,
        names: &Arc<Names>,
    ) -> Result<String, TransformError> {
        let place = Place {
            names: Arc::clone(names),
            ..Place::default()
        };
        self.templates.expression(file, expression, &place)
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
}

/// The names that exist. Where a model lies is known only after its `config()` was heard.
fn known_names(
    files: &[SourceFile],
    settings: &Settings,
    properties: &Properties,
) -> Result<Names, TransformError> {
    let mut paths = BTreeMap::new();
    for file in model_files(files, settings) {
        if let Some(first) = paths.insert(file.stem(), &file.path) {
            let what = format!("model `{}`", file.stem());
            return Err(TransformError::Duplicate {
                what,
                first: first.clone(),
                second: file.path.clone(),
            });
        }
    }
    let nowhere = |name: &&str| Relation {
        schema: String::new(),
        name: (*name).to_owned(),
    };
    Ok(Names {
        project: settings.name.clone(),
        models: paths
            .keys()
            .map(|name| ((*name).to_owned(), nowhere(name)))
            .collect(),
        sources: properties
            .sources
            .iter()
            .map(|(key, table)| (key.clone(), table.relation.clone()))
            .collect(),
    })
}

fn model_files<'a>(files: &'a [SourceFile], settings: &Settings) -> Vec<&'a SourceFile> {
    files
        .iter()
        .filter(|file| file.is_sql() && file.is_under(&settings.model_paths))
        .collect()
}

fn first_pass<'a>(
    files: &'a [SourceFile],
    settings: &Settings,
    templates: &Templates,
    names: &Names,
) -> Result<BTreeMap<String, Heard<'a>>, TransformError> {
    let models = model_files(files, settings);
    if let Some(folder) = settings.unused_folder(&models) {
        let detail = format!("configures models/{folder}, where no model is");
        return Err(TransformError::Project {
            file: "dbt_project.yml".to_owned(),
            detail,
        });
    }
    let mut place = Place {
        names: Arc::new(names.clone()),
        ..Place::default()
    };
    let hear = |file: &'a SourceFile| {
        // what stands behind is_incremental() is read, too
        place.is_incremental = true;
        let (_, more) = templates.render(&file.path, &place)?;
        place.is_incremental = false;
        let (_, mut said) = templates.render(&file.path, &place)?;
        said.refs.extend(more.refs);
        Ok((file.stem().to_owned(), Heard { file, said }))
    };
    models.into_iter().map(hear).collect()
}

/// The model with its configuration put together: its own `config()`, then the .yml file, then the folders.
fn settle(
    name: String,
    heard: Heard<'_>,
    described: Described,
    (settings, templates): (&Settings, &Templates),
) -> Result<Model, TransformError> {
    let file = heard.file;
    let config = heard
        .said
        .config
        .over(described.config.clone())
        .over(settings.config_of(file));
    let node = node(&name, file, settings);
    let relation = Relation {
        schema: templates.schema(config.schema.as_deref(), &node)?,
        name: templates.alias(config.alias.as_deref(), &name, &node)?,
    };
    if [&relation.schema, &relation.name]
        .iter()
        .any(|name| name.is_empty() || name.len() > LONGEST_NAME)
    {
        return Err(file.error(format!(
            "{relation} has a name that is empty or over {LONGEST_NAME} bytes"
        )));
    }
    if config.indexes.is_some() && config.materialization() == super::Materialization::View {
        return Err(file.error("a view cannot have indexes; add materialized='table'"));
    }
    Ok(Model {
        name,
        file: file.path.clone(),
        relation,
        config,
        described,
        fingerprint: String::new(),
    })
}

fn fingerprint_of(model: &Model, timeless: &Templates, names: &Arc<Names>) -> Result<String, TransformError> {
    let mut digest = Sha256::new();
    for is_incremental in [false, true] {
        let place = Place {
            names: Arc::clone(names),
            this: model.relation.clone(),
            is_incremental,
        };
        let (sql, _) = timeless.render(&model.file, &place)?;
        digest.update(format!("{} {sql}", sql.len()));
    }
    // what a model is called by is no reason to build it anew
    let mut config = model.config.clone();
    config.tags = None;
    digest.update(format!("{} {config:?}", model.relation));
    Ok(hexadecimal(digest))
}

/// What `generate_schema_name` and `generate_alias_name` get to know about the model.
fn node(name: &str, file: &SourceFile, settings: &Settings) -> Value {
    let parts = settings.parts(file).into_iter().map(Value::from);
    let fqn: Vec<Value> = [Value::from(settings.name.as_str())]
        .into_iter()
        .chain(parts)
        .collect();
    context! {
        name => Value::from(name),
        resource_type => "model",
        package_name => settings.name.clone(),
        original_file_path => file.path.clone(),
        fqn => fqn,
    }
}

fn fingerprint(files: &[SourceFile]) -> String {
    let mut digest = Sha256::new_with_prefix(env!("CARGO_PKG_VERSION"));
    for file in files {
        // lengths keep a file's end from passing for the next one's beginning
        digest.update(format!("{} {} {}", file.path.len(), file.text.len(), file.path));
        digest.update(&file.text);
    }
    hexadecimal(digest)
}

pub(super) fn hexadecimal(digest: Sha256) -> String {
    let digest = digest.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Descriptions of models that do not exist, and models that would overwrite each other.
fn refuse_strays(properties: &Properties, models: &BTreeMap<String, Model>) -> Result<(), TransformError> {
    if let Some((name, described)) = properties.models.iter().next() {
        let detail = format!("describes model `{name}`, which no file defines");
        return Err(TransformError::Project {
            file: described.file.clone(),
            detail,
        });
    }
    let mut places: BTreeMap<&Relation, &str> = BTreeMap::new();
    for model in models.values() {
        if let Some(first) = places.insert(&model.relation, &model.file) {
            let (first, second) = (first.to_owned(), model.file.clone());
            return Err(TransformError::Duplicate {
                what: format!("{}", model.relation),
                first,
                second,
            });
        }
    }
    Ok(())
}
