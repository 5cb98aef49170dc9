//! `dbt_project.yml`: where things are, variables, and configuration by folder.

use std::collections::BTreeMap;

use minijinja::Value;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

use super::TransformError;
use super::config::Config;
use super::files::SourceFile;

const FILE: &str = "dbt_project.yml";

/// The project's settings, read.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) model_paths: Vec<String>,
    pub(super) macro_paths: Vec<String>,
    pub(super) vars: BTreeMap<String, Value>,
    folders: Folder,
}

/// The file as it is written. A key that is not listed here is refused by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: String,
    #[serde(default = "models")]
    model_paths: Vec<String>,
    #[serde(default = "macros")]
    macro_paths: Vec<String>,
    #[serde(default)]
    test_paths: Option<Vec<String>>,
    #[serde(default)]
    seed_paths: Option<Vec<String>>,
    #[serde(default)]
    snapshot_paths: Option<Vec<String>>,
    #[serde(default)]
    vars: BTreeMap<String, Value>,
    #[serde(default)]
    models: Map<String, Json>,
    // Known, and without effect on the tables.
    #[serde(rename = "version")]
    _version: Option<IgnoredAny>,
    #[serde(rename = "config-version")]
    _config_version: Option<IgnoredAny>,
    #[serde(rename = "profile")]
    _profile: Option<IgnoredAny>,
    #[serde(rename = "require-dbt-version")]
    _require_dbt_version: Option<IgnoredAny>,
    #[serde(rename = "analysis-paths")]
    _analysis_paths: Option<IgnoredAny>,
    #[serde(rename = "docs-paths")]
    _docs_paths: Option<IgnoredAny>,
    #[serde(rename = "asset-paths")]
    _asset_paths: Option<IgnoredAny>,
    #[serde(rename = "target-path")]
    _target_path: Option<IgnoredAny>,
    #[serde(rename = "log-path")]
    _log_path: Option<IgnoredAny>,
    #[serde(rename = "clean-targets")]
    _clean_targets: Option<IgnoredAny>,
    #[serde(rename = "flags")]
    _flags: Option<IgnoredAny>,
}

/// Configuration of a folder of models, or of one model, and of what lies below it.
#[derive(Debug, Default)]
struct Folder {
    config: Config,
    inner: BTreeMap<String, Folder>,
}

impl Settings {
    /// Reads `dbt_project.yml`, and refuses files of kinds that are not supported.
    pub(super) fn read(files: &[SourceFile]) -> Result<Settings, TransformError> {
        let missing = || TransformError::Project {
            file: FILE.to_owned(),
            detail: "is missing: the folder is no dbt project".to_owned(),
        };
        let file = files.iter().find(|file| file.path == FILE).ok_or_else(missing)?;
        let mut written: Written = file.yaml()?;
        refuse_unsupported(files, &written)?;
        let folders = folders(&mut written).map_err(|detail| file.error(detail))?;
        Ok(Settings {
            vars: variables(written.vars, &written.name),
            name: written.name,
            model_paths: written.model_paths,
            macro_paths: written.macro_paths,
            folders,
        })
    }

    /// What the folders say about the model at `path`; deeper folders win.
    pub(super) fn config_of(&self, model: &SourceFile) -> Config {
        let mut folder = &self.folders;
        let mut config = folder.config.clone();
        for part in self.parts(model) {
            let Some(inner) = folder.inner.get(part) else {
                break;
            };
            config = inner.config.clone().over(config);
            folder = inner;
        }
        config
    }

    /// A configured folder that holds no model: most likely misspelt, so what it says would be lost.
    pub(super) fn unused_folder(&self, models: &[&SourceFile]) -> Option<String> {
        let known = |path: &[&str]| models.iter().any(|model| self.parts(model).starts_with(path));
        first_unused(&self.folders, &mut Vec::new(), &known)
    }

    /// The model's folders below its model path, then its name.
    pub(super) fn parts<'a>(&self, model: &'a SourceFile) -> Vec<&'a str> {
        let under = self
            .model_paths
            .iter()
            .filter_map(|root| model.path.strip_prefix(root.as_str()))
            .next();
        let path = under.unwrap_or(&model.path).trim_start_matches('/');
        path.strip_suffix(".sql").unwrap_or(path).split('/').collect()
    }
}

fn models() -> Vec<String> {
    vec!["models".to_owned()]
}

fn macros() -> Vec<String> {
    vec!["macros".to_owned()]
}

fn refuse_unsupported(files: &[SourceFile], written: &Written) -> Result<(), TransformError> {
    let kinds = [
        ("singular tests", &written.test_paths, "tests"),
        ("seeds", &written.seed_paths, "seeds"),
        ("snapshots", &written.snapshot_paths, "snapshots"),
    ];
    for (kind, paths, default) in kinds {
        let paths = paths.clone().unwrap_or_else(|| vec![default.to_owned()]);
        if let Some(file) = files.iter().find(|file| file.is_under(&paths)) {
            return Err(file.error(format!("{kind} are not supported yet")));
        }
    }
    let python = |file: &&SourceFile| file.path.ends_with(".py") && file.is_under(&written.model_paths);
    match files.iter().find(python) {
        Some(file) => Err(file.error("Python models are not supported")),
        None => Ok(()),
    }
}

/// Variables under the project's own name win over those for all packages, as in dbt.
fn variables(mut vars: BTreeMap<String, Value>, project: &str) -> BTreeMap<String, Value> {
    let own = vars.remove(project);
    for key in own.iter().filter_map(|own| own.try_iter().ok()).flatten() {
        if let (Some(name), Some(Ok(value))) = (key.as_str(), own.as_ref().map(|own| own.get_item(&key))) {
            vars.insert(name.to_owned(), value);
        }
    }
    vars
}

fn folders(written: &mut Written) -> Result<Folder, String> {
    let own = written.models.remove(&written.name);
    let mut top = folder(&std::mem::take(&mut written.models), "models")?;
    if let Some(package) = top.inner.keys().next() {
        return Err(format!(
            "`models: {package}:` configures another package; this project is `{}`",
            written.name
        ));
    }
    if let Some(Json::Object(own)) = own {
        let own = folder(&own, &format!("models.{}", written.name))?;
        top = Folder {
            config: own.config.over(top.config),
            inner: own.inner,
        };
    }
    Ok(top)
}

fn folder(written: &Map<String, Json>, place: &str) -> Result<Folder, String> {
    let mut config = Map::new();
    let mut inner = BTreeMap::new();
    for (key, value) in written {
        match (key.strip_prefix('+'), value) {
            (Some(key), _) => drop(config.insert(key.to_owned(), value.clone())),
            (None, Json::Object(below)) => {
                drop(inner.insert(key.clone(), folder(below, &format!("{place}.{key}"))?));
            }
            (None, _) => return Err(format!("{place}.{key} is no folder; write +{key} to configure")),
        }
    }
    let config = serde_json::from_value(Json::Object(config)).map_err(|error| format!("{place}: {error}"))?;
    Ok(Folder { config, inner })
}

fn first_unused<'a>(
    folder: &'a Folder,
    path: &mut Vec<&'a str>,
    known: &impl Fn(&[&str]) -> bool,
) -> Option<String> {
    for (name, inner) in &folder.inner {
        path.push(name);
        if !known(path) {
            return Some(path.join("/"));
        }
        if let Some(unused) = first_unused(inner, path, known) {
            return Some(unused);
        }
        path.pop();
    }
    None
}
