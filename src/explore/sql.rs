//! Questions whose words depend on what is asked.

use minijinja::{Environment, Value};

/// The SQL of a template. What stands in the context comes from closed lists, never from a reader.
///
/// # Errors
/// When the template is wrong.
pub(crate) fn rendered(template: &'static str, context: Value) -> sqlx::Result<String> {
    let rendered = Environment::new().render_str(template, context);
    rendered.map_err(|error| sqlx::Error::Configuration(error.into()))
}
