//! `dbt_project.yml`: where things are, variables, and configuration by folder.

use std::collections::BTreeMap;

use minijinja::Value;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

use super::TransformError;
use super::config::Config;
use super::data_test::TestConfig;
use super::files::SourceFile;
use super::folders::Folders;
use super::inputs::Inputs;
use crate::config::EnvVars;

const FILE: &str = "dbt_project.yml";

/// The project's settings, read.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) model_paths: Vec<String>,
    pub(super) macro_paths: Vec<String>,
    pub(super) test_paths: Vec<String>,
    pub(super) seed_paths: Vec<String>,
    analysis_paths: Vec<String>,
    docs_paths: Option<Vec<String>>,
    pub(super) vars: BTreeMap<String, Value>,
    /// The variables of the environment that the project allows, with their values where they are set.
    pub(super) env_vars: BTreeMap<String, Option<String>>,
    models: Folders<Config>,
    seeds: Folders<Config>,
    data_tests: Folders<TestConfig>,
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
    #[serde(default = "tests")]
    test_paths: Vec<String>,
    #[serde(default = "seeds")]
    seed_paths: Vec<String>,
    #[serde(default = "snapshots")]
    snapshot_paths: Vec<String>,
    #[serde(default = "analyses")]
    analysis_paths: Vec<String>,
    docs_paths: Option<Vec<String>>,
    #[serde(default)]
    vars: BTreeMap<String, Value>,
    #[serde(default)]
    models: Map<String, Json>,
    #[serde(default)]
    seeds: Map<String, Json>,
    #[serde(default, rename = "data_tests", alias = "tests")]
    data_tests: Map<String, Json>,
    // Known, and without effect on the tables.
    #[serde(rename = "version")]
    _version: Option<IgnoredAny>,
    #[serde(rename = "config-version")]
    _config_version: Option<IgnoredAny>,
    #[serde(rename = "profile")]
    _profile: Option<IgnoredAny>,
    #[serde(rename = "require-dbt-version")]
    _require_dbt_version: Option<IgnoredAny>,
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
    #[serde(rename = "query-comment")]
    _query_comment: Option<IgnoredAny>,
    #[serde(rename = "packages-install-path")]
    _packages_install_path: Option<IgnoredAny>,
    #[serde(rename = "exposures")]
    _exposures: Option<IgnoredAny>,
    #[serde(rename = "dbt-cloud")]
    _dbt_cloud: Option<IgnoredAny>,
}

impl Settings {
    /// Reads `dbt_project.yml`, and refuses files of kinds that are not supported.
    pub(super) fn read(files: &[SourceFile], inputs: &Inputs) -> Result<Settings, TransformError> {
        let missing = || TransformError::Project {
            file: FILE.to_owned(),
            detail: "is missing: the folder is no dbt project".to_owned(),
        };
        let file = files.iter().find(|file| file.path == FILE).ok_or_else(missing)?;
        let written: Written = file.yaml()?;
        refuse_unsupported(files, &written)?;
        let folders = |kind: &str, tree: &Map<String, Json>| {
            Folders::read(kind, tree, &written.name).map_err(|detail| file.error(detail))
        };
        let data_tests = Folders::read("data_tests", &written.data_tests, &written.name);
        let mut vars = variables(written.vars, &written.name);
        let env_vars = allowed(&vars, inputs).map_err(|detail| file.error(detail))?;
        vars.extend(inputs.vars.clone());
        Ok(Settings {
            models: folders("models", &written.models)?,
            seeds: folders("seeds", &written.seeds)?,
            data_tests: data_tests.map_err(|detail| file.error(detail))?,
            vars,
            env_vars,
            name: written.name,
            model_paths: written.model_paths,
            macro_paths: written.macro_paths,
            test_paths: written.test_paths,
            seed_paths: written.seed_paths,
            analysis_paths: written.analysis_paths,
            docs_paths: written.docs_paths,
        })
    }

    /// The folders in which .yml files describe things.
    pub(super) fn described_paths(&self) -> Vec<String> {
        let paths = [
            &self.model_paths,
            &self.seed_paths,
            &self.test_paths,
            &self.macro_paths,
            &self.analysis_paths,
        ];
        paths.into_iter().flatten().cloned().collect()
    }

    /// The folders in which .md files hold doc blocks.
    pub(super) fn docs_paths(&self) -> Vec<String> {
        self.docs_paths.clone().unwrap_or_else(|| self.described_paths())
    }

    /// Whether the file is compiled: a model, a macro, or a test.
    pub(super) fn is_template(&self, file: &SourceFile) -> bool {
        let (models, macros) = (&self.model_paths, &self.macro_paths);
        let own = file.is_under(models) || file.is_under(macros) || self.is_generic_test(file);
        file.is_sql() && (own || self.is_singular_test(file))
    }

    /// Whether the file defines tests that .yml files name.
    pub(super) fn is_generic_test(&self, file: &SourceFile) -> bool {
        let generic = |folder: &String| format!("{}/generic", folder.trim_end_matches('/'));
        let generic: Vec<String> = self.test_paths.iter().map(generic).collect();
        file.is_sql() && file.is_under(&generic)
    }

    /// Whether the file is a test by itself: SQL in `tests/`, outside of `generic/` and `fixtures/`.
    pub(super) fn is_singular_test(&self, file: &SourceFile) -> bool {
        file.is_sql()
            && file.is_under(&self.test_paths)
            && !self.is_generic_test(file)
            && !self.is_fixture(file)
    }

    /// Whether the file is a seed.
    pub(super) fn is_seed(&self, file: &SourceFile) -> bool {
        file.is_csv() && file.is_under(&self.seed_paths)
    }

    /// Whether the file holds rows for unit tests.
    pub(super) fn is_fixture(&self, file: &SourceFile) -> bool {
        let fixtures = |folder: &String| format!("{}/fixtures", folder.trim_end_matches('/'));
        let fixtures: Vec<String> = self.test_paths.iter().map(fixtures).collect();
        file.is_under(&fixtures)
    }

    /// What the folders say about the model or seed in `file`; deeper folders win.
    pub(super) fn config_of(&self, file: &SourceFile) -> Config {
        let folders = if file.is_csv() { &self.seeds } else { &self.models };
        folders.config_of(&self.parts(&file.path))
    }

    /// What the folders say about a data test of the .yml or .sql file at this path.
    pub(super) fn test_config_of(&self, path: &str) -> TestConfig {
        self.data_tests.config_of(&self.parts(path))
    }

    /// A configured folder that holds nothing: most likely misspelt, so what it says would be lost.
    pub(super) fn unused_folder(&self, files: &[&SourceFile]) -> Option<String> {
        let unused = |kind: &str, folders: &Folders<Config>, csv: bool| {
            let known = |path: &[&str]| {
                files
                    .iter()
                    .any(|file| file.is_csv() == csv && self.parts(&file.path).starts_with(path))
            };
            let unused = folders.first_unused(&known);
            unused.map(|folder| format!("{kind}/{folder}"))
        };
        unused("models", &self.models, false).or_else(|| unused("seeds", &self.seeds, true))
    }

    /// The folders of a file below the path of its kind, then its name.
    pub(super) fn parts<'a>(&self, path: &'a str) -> Vec<&'a str> {
        let roots = [&self.model_paths, &self.seed_paths, &self.test_paths];
        let under = roots
            .into_iter()
            .flatten()
            .filter_map(|root| path.strip_prefix(root.trim_end_matches('/')))
            .find(|rest| rest.starts_with('/'));
        let path = under.unwrap_or(path).trim_start_matches('/');
        let extensions = [".sql", ".csv", ".yml", ".yaml"];
        let bare = extensions
            .iter()
            .find_map(|extension| path.strip_suffix(extension));
        bare.unwrap_or(path).split('/').collect()
    }
}

fn models() -> Vec<String> {
    vec!["models".to_owned()]
}

fn tests() -> Vec<String> {
    vec!["tests".to_owned()]
}

fn seeds() -> Vec<String> {
    vec!["seeds".to_owned()]
}

fn snapshots() -> Vec<String> {
    vec!["snapshots".to_owned()]
}

fn analyses() -> Vec<String> {
    vec!["analyses".to_owned()]
}

fn macros() -> Vec<String> {
    vec!["macros".to_owned()]
}

fn refuse_unsupported(files: &[SourceFile], written: &Written) -> Result<(), TransformError> {
    let python = |file: &&SourceFile| file.path.ends_with(".py") && file.is_under(&written.model_paths);
    if let Some(file) = files.iter().find(python) {
        return Err(file.error("Python models are not supported"));
    }
    if let Some(file) = files.iter().find(|file| file.is_under(&written.snapshot_paths)) {
        return Err(file.error("snapshots are not supported"));
    }
    let functions = ["functions".to_owned()];
    if let Some(file) = files.iter().find(|file| file.is_under(&functions)) {
        return Err(file.error("functions are not supported"));
    }
    let unsupported = |file: &&SourceFile| match file.path.as_str() {
        "packages.yml" | "dependencies.yml" | "package-lock.yml" => Some("packages are not supported"),
        "selectors.yml" => Some("selectors in YAML are not supported"),
        _ => None,
    };
    match files
        .iter()
        .find_map(|file| Some(file.error(unsupported(&file)?)))
    {
        Some(error) => Err(error),
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

/// The variable that lists the names of the environment that models may ask for.
const ALLOWED: &str = "env_vars";

fn allowed(
    vars: &BTreeMap<String, Value>,
    inputs: &Inputs,
) -> Result<BTreeMap<String, Option<String>>, String> {
    let Some(list) = vars.get(ALLOWED) else {
        return Ok(BTreeMap::new());
    };
    let names = Vec::<String>::deserialize(list.clone())
        .map_err(|_| format!("vars.{ALLOWED} is a list of names of environment variables"))?;
    let named = |name: String| match EnvVars::is_secret(&name) {
        true => Err(format!(
            "vars.{ALLOWED}: {name} is a secret, which no model gets to see"
        )),
        false => {
            let value = inputs.env_vars.get(&name).map(str::to_owned);
            Ok((name, value))
        }
    };
    names.into_iter().map(named).collect()
}
