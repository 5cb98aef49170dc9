//! The models of the command line: which project, with which variables, and which of its models.

use clap::Args;

use super::error::CliError;
use crate::config::Config;
use crate::transform::{Inputs, Project};

/// Models and sources, and the variables that they get.
#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// Only these, in dbt's syntax: MODEL, MODEL+ with all that depends on it, +MODEL with all it depends on,
    /// FOLDER, tag:TAG, path:PATH, source:SOURCE.TABLE+, state:modified; A,B is both at once
    #[arg(long, short, num_args = 1.., value_name = "TERM")]
    select: Vec<String>,
    /// All but these, in the same syntax
    #[arg(long, num_args = 1.., value_name = "TERM")]
    exclude: Vec<String>,
    #[command(flatten)]
    pub(super) variables: Variables,
}

#[derive(Debug, Default, Args)]
pub(super) struct Variables {
    /// Values for the models' var(), as YAML or JSON: '{days: 7}'
    #[arg(long, value_name = "YAML")]
    vars: Option<String>,
}

impl Chosen {
    pub(super) fn select(&self) -> Option<String> {
        terms(&self.select)
    }

    pub(super) fn exclude(&self) -> Option<String> {
        terms(&self.exclude)
    }
}

impl Variables {
    /// The project that the settings name, with these variables.
    pub(super) fn project(&self, config: &Config) -> Result<Project, CliError> {
        let inputs = Inputs::new(self.vars.as_deref(), config.env_vars.clone())?;
        Ok(Project::load_with(config.templates_dir.as_deref(), &inputs)?)
    }
}

/// Terms that were given one by one.
fn terms(terms: &[String]) -> Option<String> {
    (!terms.is_empty()).then(|| terms.join(" "))
}
