//! What the models may find of the environment.

use std::collections::HashMap;

/// The environment's variables as the models' `env_var` may find them: never a secret.
#[derive(Clone, Default)]
pub struct EnvVars(HashMap<String, String>);

/// Variables that no model gets to see, and the beginning of the names by which dbt marks such.
const SECRETS: [&str; 9] = [
    "ALERT_WEBHOOK_URL",
    "DATABASE_URL",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "PGPASSWORD",
    "SERVE_PASSWORD",
    "SERVE_TOKEN",
    "SPOTIFY_CLIENT_SECRET",
];
const DBT_SECRETS: &str = "DBT_ENV_SECRET";

impl EnvVars {
    /// Those of the variables that are no secrets.
    #[must_use]
    pub fn without_secrets(variables: impl IntoIterator<Item = (String, String)>) -> EnvVars {
        let variables = variables.into_iter();
        EnvVars(variables.filter(|(name, _)| !EnvVars::is_secret(name)).collect())
    }

    /// Whether the name is that of a secret.
    #[must_use]
    pub fn is_secret(name: &str) -> bool {
        let name = name.to_uppercase();
        SECRETS.contains(&name.as_str()) || name.starts_with(DBT_SECRETS)
    }

    /// The variable's value, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl std::fmt::Debug for EnvVars {
    /// Without the values: who knows what else they are for.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "EnvVars({} variables)", self.0.len())
    }
}
