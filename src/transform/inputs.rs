//! What a user gives a project beside its files.

use std::collections::BTreeMap;

use minijinja::Value;

use super::TransformError;
use crate::config::EnvVars;

/// Variables of the command line and of the environment.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Values of `var` that win over those of `dbt_project.yml`.
    pub(super) vars: BTreeMap<String, Value>,
    /// What `env_var` may find, as far as the project allows the name.
    pub(super) env_vars: EnvVars,
}

impl Inputs {
    /// The values of `--vars`, names with values in YAML or JSON, and the environment.
    ///
    /// # Errors
    /// `Project` where `vars` is something else.
    pub fn new(vars: Option<&str>, env_vars: EnvVars) -> Result<Inputs, TransformError> {
        let vars = match vars.map(str::trim) {
            None | Some("") => BTreeMap::new(),
            Some(text) => serde_saphyr::from_str(text).map_err(|error| TransformError::Project {
                file: "--vars".to_owned(),
                detail: format!(
                    "expected names with values in YAML or JSON: {}",
                    error.without_snippet()
                ),
            })?,
        };
        Ok(Inputs { vars, env_vars })
    }
}
