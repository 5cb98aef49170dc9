//! Compiling and rendering the templates: strict about everything undefined, with file and line in each error.

use std::error::Error as _;
use std::sync::Arc;

use chrono::DateTime;
use minijinja::value::Object;
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value, context};

use super::TransformError;
use super::context::{self, Place, Said, TARGET_SCHEMA, Unknown};
use super::files::SourceFile;
use super::settings::Settings;

/// The project's models and macros, compiled.
#[derive(Debug)]
pub(super) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// The same with a `run_started_at` and an `invocation_id` that do not change, so that what a model says can be
    /// compared with what it said before.
    pub(super) fn timeless(&self) -> Templates {
        let mut environment = self.environment.clone();
        context::add_invocation(&mut environment, DateTime::UNIX_EPOCH, uuid::Uuid::nil());
        Templates { environment }
    }

    /// Compiles every model and macro, and makes each macro known everywhere without an import.
    pub(super) fn compile(files: &[SourceFile], settings: &Settings) -> Result<Templates, TransformError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Without it an error does not tell which name is undefined.
        environment.set_debug(true);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        context::add_common(&mut environment, settings);
        // Without names yet: so that a macro called `ref` or `config` is seen to hide one of dbt's.
        context::add_model(&mut environment, &Place::default());
        let (models, macros) = (&settings.model_paths, &settings.macro_paths);
        for file in files
            .iter()
            .filter(|file| file.is_sql() && (file.is_under(models) || file.is_under(macros)))
        {
            environment
                .add_template_owned(file.path.clone(), file.text.clone())
                .map_err(|error| template_error(&file.path, &error))?;
        }
        for file in files.iter().filter(|file| file.is_sql() && file.is_under(macros)) {
            add_macros(&mut environment, file)?;
        }
        Ok(Templates { environment })
    }

    /// The text of `file`; empty for a file that is no template.
    pub(super) fn text(&self, file: &str) -> String {
        let template = self.environment.get_template(file);
        template.map_or_else(|_| String::new(), |template| template.source().to_owned())
    }

    /// The SQL of the model in `file`, and what it said about itself.
    pub(super) fn render(&self, file: &str, place: &Place) -> Result<(String, Said), TransformError> {
        let mut environment = self.environment.clone();
        let said = context::add_model(&mut environment, place);
        let sql = environment
            .get_template(file)
            .and_then(|template| template.render(()))
            .map_err(|error| template_error(file, &error))?;
        let said = std::mem::take(&mut *context::lock(&said));
        Ok((sql.trim().to_owned(), said))
    }

    /// What an expression such as `ref('model')`, written in `file`, stands for.
    pub(super) fn expression(
        &self,
        file: &str,
        expression: &str,
        place: &Place,
    ) -> Result<String, TransformError> {
        let mut environment = self.environment.clone();
        context::add_model(&mut environment, place);
        environment
            .render_named_str(file, &["{{ ", expression, " }}"].concat(), ())
            .map_err(|error| template_error(file, &error))
    }

    /// The schema of a model: what the project's `generate_schema_name` says, else dbt's rule.
    pub(super) fn schema(&self, custom: Option<&str>, node: &Value) -> Result<String, TransformError> {
        let default = || match custom {
            Some(custom) => format!("{TARGET_SCHEMA}_{}", custom.trim()),
            None => TARGET_SCHEMA.to_owned(),
        };
        Ok(self
            .naming_macro("generate_schema_name", custom, node)?
            .unwrap_or_else(default))
    }

    /// The name of a model's table: what the project's `generate_alias_name` says, else dbt's rule.
    pub(super) fn alias(
        &self,
        custom: Option<&str>,
        name: &str,
        node: &Value,
    ) -> Result<String, TransformError> {
        let default = || custom.map_or(name, str::trim).to_owned();
        Ok(self
            .naming_macro("generate_alias_name", custom, node)?
            .unwrap_or_else(default))
    }

    fn naming_macro(
        &self,
        name: &str,
        custom: Option<&str>,
        node: &Value,
    ) -> Result<Option<String>, TransformError> {
        if !self.environment.globals().any(|(global, _)| global == name) {
            return Ok(None);
        }
        let call = ["{{ ", name, "(custom, node) }}"].concat();
        let named = self
            .environment
            .render_named_str(name, &call, context! { custom => custom, node => node })
            .map_err(|error| template_error(name, &error))?;
        Ok(Some(named.trim().to_owned()))
    }
}

/// A macro of another file. Its file is evaluated for each call, which costs microseconds, because a macro of
/// MiniJinja lives only as long as the rendering that defined it.
#[derive(Debug)]
struct Macro {
    file: String,
    name: String,
}

impl Object for Macro {
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let mut file = state.env().get_template(&self.file)?.render_captured(())?;
        file.with_state_mut(|state| state.call_macro(&self.name, args))
            .map(Value::from)
    }
}

fn add_macros(environment: &mut Environment<'static>, file: &SourceFile) -> Result<(), TransformError> {
    let names: Vec<String> = {
        let failed = |error| template_error(&file.path, &error);
        let template = environment.get_template(&file.path).map_err(failed)?;
        let captured = template.render_captured(()).map_err(failed)?;
        let state = captured.state();
        let is_macro = |name: &&str| state.lookup(name).is_some_and(|value| is_macro(&value));
        state
            .exports()
            .into_iter()
            .filter(is_macro)
            .map(str::to_owned)
            .collect()
    };
    for name in names {
        let defined = environment
            .globals()
            .find(|(global, _)| *global == name)
            .map(|(_, value)| value);
        if let Some(value) = defined {
            let first = value
                .downcast_object_ref::<Macro>()
                .map_or("dbt itself", |first| &first.file);
            let (first, second) = (first.to_owned(), file.path.clone());
            return Err(TransformError::Duplicate {
                what: format!("macro `{name}`"),
                first,
                second,
            });
        }
        let called = Macro {
            file: file.path.clone(),
            name: name.clone(),
        };
        environment.add_global(name, Value::from_object(called));
    }
    Ok(())
}

/// Tells a macro from a variable that the file sets: a macro knows its arguments and whether it wants a caller.
fn is_macro(value: &Value) -> bool {
    ["arguments", "caller"]
        .iter()
        .all(|key| value.get_attr(key).is_ok_and(|found| !found.is_undefined()))
}

/// The error with its place; `rendered` is the file that was asked for, which may have called a macro of another.
fn template_error(rendered: &str, error: &Error) -> TransformError {
    let file = error.name().unwrap_or(rendered).to_owned();
    let line = error.line().unwrap_or(1);
    match error
        .source()
        .and_then(|source| source.downcast_ref::<Unknown>())
        .cloned()
    {
        Some(Unknown::Ref(name)) => TransformError::UnknownRef { file, line, name },
        Some(Unknown::Source(source_name, table)) => TransformError::UnknownSource {
            file,
            line,
            source_name,
            table,
        },
        None => {
            let caller = if file == rendered {
                String::new()
            } else {
                format!(" (called by {rendered})")
            };
            TransformError::Template {
                file,
                line,
                detail: format!("{}{caller}", detail(error)),
            }
        }
    }
}

fn detail(error: &Error) -> String {
    let pointed_at = || error.template_source()?.get(error.range()?);
    match (error.kind(), error.detail()) {
        (ErrorKind::UndefinedError | ErrorKind::InvalidOperation, Some(detail)) => detail.to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        // Inside a macro MiniJinja knows the place of the name, but not the name.
        (ErrorKind::UndefinedError, None) => match pointed_at() {
            Some(name) => format!("`{name}` is undefined"),
            None => "something is undefined".to_owned(),
        },
        (kind, None) => kind.to_string(),
    }
}
