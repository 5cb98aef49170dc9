//! Loading the project: its files are read, heard once for what they say of themselves, and settled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use minijinja::{Value, context};
use sha2::{Digest, Sha256};

use super::TransformError;
use super::check;
use super::config::{Config, Materialization};
use super::context::{Cte, Names, Said};
use super::docs::Docs;
use super::ephemeral;
use super::files::{self, SourceFile};
use super::folders::Layer;
use super::graph::{self, Needs};
use super::inputs::Inputs;
use super::project::{Model, Project, hexadecimal};
use super::properties::{Described, Properties};
use super::relation::Relation;
use super::render::Templates;
use super::seed;
use super::settings::Settings;
use super::unit_test::{self, UnitTest, WrittenUnitTest};

/// Postgres cuts longer identifiers, and two models could fall together.
const LONGEST_NAME: usize = 63;

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
        Project::load_with(templates_dir, &Inputs::default())
    }

    /// [`Project::load`], with variables.
    ///
    /// # Errors
    /// As [`Project::load`].
    pub fn load_with(templates_dir: Option<&Path>, inputs: &Inputs) -> Result<Project, TransformError> {
        let files = files::read(templates_dir)?;
        let settings = Settings::read(&files, inputs)?;
        let docs = Docs::read(&files, (&settings.docs_paths(), &settings.name))?;
        let mut properties = Properties::read(&files, &settings.described_paths(), &docs)?;
        let templates = Templates::compile(&files, &settings)?;
        let mut names = known_names(&files, &settings, &properties)?;
        let heard = first_pass(&files, &settings, &templates, &names)?;
        let models = settled(heard, &mut properties, (&settings, &templates))?;
        let singular = singular_tests(&files, &settings);
        refuse_strays(&properties, &models, &singular)?;
        let (mut models, disabled) = enabled(models)?;
        names.models = models
            .values()
            .map(|model| (model.name.clone(), model.named()))
            .collect();
        names.ctes = models.values().filter_map(Model::cte).collect();
        let needs: Needs = models
            .iter()
            .map(|(name, model)| (name.clone(), model.refs.clone()))
            .collect();
        let order = graph::order(&needs)?;
        let names = Arc::new(names);
        let checks = check::read(
            (&models, &disabled),
            (&properties, singular),
            (&templates, &names, &settings),
        )?;
        let unit_tests = unit_tests(
            std::mem::take(&mut properties.unit_tests),
            unit_test::Reader {
                files: &files,
                settings: &settings,
                templates: &templates,
                names: &names,
                models: &models,
                disabled: &disabled,
            },
        )?;
        Ok(Project {
            models: order.iter().filter_map(|name| models.remove(name)).collect(),
            names,
            templates,
            sources: properties.sources,
            checks,
            unit_tests,
            fingerprint: fingerprint(&files, &settings, inputs),
        })
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
    Ok(Names {
        project: settings.name.clone(),
        models: paths
            .keys()
            .map(|name| ((*name).to_owned(), Relation::cte((*name).to_owned())))
            .collect(),
        sources: properties
            .sources
            .iter()
            .map(|(key, table)| (key.clone(), table.relation.clone()))
            .collect(),
        ..Names::default()
    })
}

fn model_files<'a>(files: &'a [SourceFile], settings: &Settings) -> Vec<&'a SourceFile> {
    files
        .iter()
        .filter(|file| settings.is_seed(file) || (file.is_sql() && file.is_under(&settings.model_paths)))
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
        let detail = format!("configures {folder}, where there is nothing");
        return Err(TransformError::Project {
            file: "dbt_project.yml".to_owned(),
            detail,
        });
    }
    let [full, incremental] = [false, true].map(|is_incremental| Arc::new(names.incremental(is_incremental)));
    let hear = |file: &'a SourceFile| {
        let mut said = Said::default();
        if !file.is_csv() {
            // what stands behind is_incremental() is read, too
            let (_, more) = templates.render(&file.path, &incremental, &Relation::default())?;
            said = templates.render(&file.path, &full, &Relation::default())?.1;
            said.refs.extend(more.refs);
            said.sources.extend(more.sources);
        }
        Ok((file.stem().to_owned(), Heard { file, said }))
    };
    models.into_iter().map(hear).collect()
}

fn settled(
    heard: BTreeMap<String, Heard<'_>>,
    properties: &mut Properties,
    (settings, templates): (&Settings, &Templates),
) -> Result<BTreeMap<String, Model>, TransformError> {
    heard
        .into_iter()
        .map(|(name, heard)| {
            let described = match heard.file.is_csv() {
                true => properties.seeds.remove(&name),
                false => properties.models.remove(&name),
            };
            let described = described.unwrap_or_default();
            let model = settle(name.clone(), heard, described, (settings, templates))?;
            Ok((name, model))
        })
        .collect()
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
    refuse_misfits(file, &config)?;
    let (seed, config) = match file.is_csv() {
        true => (Some(seed::select(file, &config)?), config.of_seed()),
        false => (None, config),
    };
    let fqn: Vec<String> = [settings.name.as_str()]
        .into_iter()
        .chain(settings.parts(&file.path))
        .map(str::to_owned)
        .collect();
    let node = node(&name, file, &fqn);
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
    Ok(Model {
        name,
        file: file.path.clone(),
        relation,
        config,
        described,
        fqn,
        refs: heard.said.refs,
        sources: heard.said.sources,
        seed,
    })
}

/// Configuration that says nothing of what the file is.
fn refuse_misfits(file: &SourceFile, config: &Config) -> Result<(), TransformError> {
    if file.is_csv() {
        return match config.materialized {
            Some(_) => Err(file.error("a seed is always a table; it cannot be materialized otherwise")),
            None => Ok(()),
        };
    }
    let kind = match config.materialization() {
        Materialization::View => Some("a view"),
        Materialization::Ephemeral => Some("an ephemeral model"),
        _ => None,
    };
    if let (Some(kind), true) = (kind, config.indexes.is_some()) {
        return Err(file.error(format!("{kind} cannot have indexes; add materialized='table'")));
    }
    if config.column_types.is_some() || config.delimiter.is_some() {
        return Err(file.error("column_types and delimiter are for seeds"));
    }
    Ok(())
}

/// What `generate_schema_name` and `generate_alias_name` get to know about the model.
fn node(name: &str, file: &SourceFile, fqn: &[String]) -> Value {
    context! {
        name => Value::from(name),
        resource_type => if file.is_csv() { "seed" } else { "model" },
        package_name => fqn.first().cloned(),
        original_file_path => file.path.clone(),
        fqn => fqn.iter().map(|part| Value::from(part.as_str())).collect::<Vec<Value>>(),
    }
}

fn unit_tests(
    written: Vec<(String, WrittenUnitTest)>,
    reader: unit_test::Reader<'_>,
) -> Result<Vec<UnitTest>, TransformError> {
    let mut tests: Vec<UnitTest> = Vec::new();
    for (file, written) in written {
        let Some(test) = reader.read(&file, written)? else {
            continue;
        };
        let is_same = |other: &&UnitTest| other.name == test.name && other.model == test.model;
        if let Some(first) = tests.iter().find(is_same) {
            return Err(TransformError::Duplicate {
                what: format!("unit test `{}`", test.name),
                first: first.file.clone(),
                second: test.file,
            });
        }
        tests.push(test);
    }
    Ok(tests)
}

/// Name and file of each test in `tests/`.
fn singular_tests(files: &[SourceFile], settings: &Settings) -> Vec<(String, String)> {
    files
        .iter()
        .filter(|file| settings.is_singular_test(file))
        .map(|file| (file.stem().to_owned(), file.path.clone()))
        .collect()
}

fn fingerprint(files: &[SourceFile], settings: &Settings, inputs: &Inputs) -> String {
    let mut digest = Sha256::new_with_prefix(env!("CARGO_PKG_VERSION"));
    for file in files {
        // lengths keep a file's end from passing for the next one's beginning
        digest.update(format!("{} {} {}", file.path.len(), file.text.len(), file.path));
        digest.update(&file.text);
    }
    if !inputs.vars.is_empty() || !settings.env_vars.is_empty() {
        digest.update(format!("{:?} {:?}", inputs.vars, settings.env_vars));
    }
    hexadecimal(&digest.finalize())
}

/// Descriptions of what does not exist, and models that would overwrite each other.
fn refuse_strays(
    properties: &Properties,
    models: &BTreeMap<String, Model>,
    singular: &[(String, String)],
) -> Result<(), TransformError> {
    let stray = |file: &str, kind: &str, name: &str| {
        Err(TransformError::Project {
            file: file.to_owned(),
            detail: format!("describes {kind} `{name}`, which no file defines"),
        })
    };
    if let Some((name, described)) = properties.models.iter().next() {
        return stray(&described.file, "model", name);
    }
    if let Some((name, described)) = properties.seeds.iter().next() {
        return stray(&described.file, "seed", name);
    }
    for (name, described) in &properties.singular_tests {
        if !singular.iter().any(|(known, _)| known == name) {
            return stray(&described.file, "test", name);
        }
    }
    let mut places: BTreeMap<&Relation, &str> = BTreeMap::new();
    for model in models.values().filter(|model| model.is_built()) {
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

/// The models that are enabled, and the names of the others, to which none of them may refer.
fn enabled(
    models: BTreeMap<String, Model>,
) -> Result<(BTreeMap<String, Model>, BTreeSet<String>), TransformError> {
    let (enabled, disabled): (BTreeMap<_, _>, BTreeMap<_, _>) = models
        .into_iter()
        .partition(|(_, model)| model.config.is_enabled());
    let disabled: BTreeSet<String> = disabled.into_keys().collect();
    for model in enabled.values() {
        if let Some(name) = model.refs.intersection(&disabled).next() {
            return Err(TransformError::Project {
                file: model.file.clone(),
                detail: format!("refers to model `{name}`, which is disabled"),
            });
        }
    }
    Ok((enabled, disabled))
}

impl Model {
    /// What `ref` stands for.
    fn named(&self) -> Relation {
        match self.is_built() {
            true => self.relation.clone(),
            false => Relation::cte(ephemeral::cte_name(&self.name)),
        }
    }

    /// An ephemeral model's SQL, by the name that `ref` stands for.
    fn cte(&self) -> Option<(String, Cte)> {
        let cte = Cte::Model {
            file: self.file.clone(),
            this: self.relation.clone(),
        };
        (!self.is_built()).then(|| (ephemeral::cte_name(&self.name), cte))
    }
}
