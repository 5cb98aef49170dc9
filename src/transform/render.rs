//! Compiling and rendering the templates: strict about everything undefined, with file and line in each error.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use include_dir::{Dir, include_dir};
use minijinja::value::Object;
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value, context};

use super::TransformError;
use super::blocks;
use super::context::{self, Cte, Names, Said, TARGET_SCHEMA, Unknown};
use super::ephemeral;
use super::files::SourceFile;
use super::relation::Relation;
use super::settings::Settings;

/// dbt's own generic tests.
static BUILT_IN_TESTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/transform/sql/tests");

/// The project's models, macros and tests, compiled.
#[derive(Debug)]
pub(super) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// Compiles every model and macro, and makes each macro known everywhere without an import.
    pub(super) fn compile(files: &[SourceFile], settings: &Settings) -> Result<Templates, TransformError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Without it an error does not tell which name is undefined.
        environment.set_debug(true);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        context::add_common(&mut environment, settings);
        // Without names yet: so that a macro called `ref` or `config` is seen to hide one of dbt's.
        context::add_model(&mut environment, &Arc::default(), &Relation::default());
        for file in files.iter().filter(|file| settings.is_template(file)) {
            let text = blocks::with_tests_as_macros(file)?;
            environment
                .add_template_owned(file.path.clone(), text)
                .map_err(|error| template_error(&file.path, &error))?;
        }
        let has_macros = |file: &&SourceFile| {
            file.is_sql() && (file.is_under(&settings.macro_paths) || settings.is_generic_test(file))
        };
        for file in files.iter().filter(has_macros) {
            add_macros(&mut environment, file)?;
        }
        add_built_in_tests(&mut environment)?;
        Ok(Templates { environment })
    }

    /// The text of `file`; empty for a file that is no template.
    pub(super) fn text(&self, file: &str) -> String {
        let template = self.environment.get_template(file);
        template.map_or_else(|_| String::new(), |template| template.source().to_owned())
    }

    /// The SQL of the model in `file`, and what it said about itself.
    pub(super) fn render(
        &self,
        file: &str,
        names: &Arc<Names>,
        this: &Relation,
    ) -> Result<(String, Said), TransformError> {
        let rendering = self.start(names, this);
        let sql = rendering.file(file)?;
        rendering.finish(&sql)
    }

    /// Begins to render something in which the names stand for these relations.
    pub(super) fn start<'a>(&'a self, names: &'a Arc<Names>, this: &Relation) -> Rendering<'a> {
        let mut environment = self.environment.clone();
        let said = context::add_model(&mut environment, names, this);
        Rendering {
            templates: self,
            names,
            environment,
            said,
        }
    }

    /// Whether the project or firstpress defines the macro.
    pub(super) fn has_macro(&self, name: &str) -> bool {
        self.environment.globals().any(|(global, _)| global == name)
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

    /// Adds a common table expression behind those that it needs itself.
    fn add_cte(
        &self,
        name: &str,
        names: &Arc<Names>,
        ctes: &mut Vec<(String, String)>,
    ) -> Result<(), TransformError> {
        if ctes.iter().any(|(known, _)| known == name) {
            return Ok(());
        }
        let sql = match names.ctes.get(name) {
            None => return Ok(()),
            Some(Cte::Fixture(sql)) => sql.clone(),
            Some(Cte::Model { file, this }) => {
                let rendering = self.start(names, this);
                let sql = rendering.file(file)?;
                let needed = std::mem::take(&mut context::lock(&rendering.said).ctes);
                for needed in &needed {
                    self.add_cte(needed, names, ctes)?;
                }
                sql.trim().to_owned()
            }
        };
        ctes.push((name.to_owned(), sql));
        Ok(())
    }

    fn naming_macro(
        &self,
        name: &str,
        custom: Option<&str>,
        node: &Value,
    ) -> Result<Option<String>, TransformError> {
        if !self.has_macro(name) {
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

/// A rendering under way, which notes what is said in it.
#[derive(Debug)]
pub(super) struct Rendering<'a> {
    templates: &'a Templates,
    names: &'a Arc<Names>,
    pub(super) environment: Environment<'static>,
    said: Arc<Mutex<Said>>,
}

impl Rendering<'_> {
    /// The text of a compiled file.
    pub(super) fn file(&self, file: &str) -> Result<String, TransformError> {
        self.environment
            .get_template(file)
            .and_then(|template| template.render(()))
            .map_err(|error| template_error(file, &error))
    }

    /// A template that is written in another `file`.
    pub(super) fn text(&self, file: &str, template: &str, context: Value) -> Result<String, TransformError> {
        self.environment
            .render_named_str(file, template, context)
            .map_err(|error| template_error(file, &error))
    }

    /// What an expression such as `ref('model')`, written in `file`, stands for.
    pub(super) fn value(&self, file: &str, expression: &str) -> Result<Value, TransformError> {
        let evaluated = self
            .environment
            .compile_expression_owned(expression.to_owned())
            .and_then(|compiled| compiled.eval(()));
        evaluated.map_err(|error| expression_error(file, &error))
    }

    /// Puts what the relation stands for in front, if it is a common table expression.
    pub(super) fn note_cte(&self, relation: &Relation) {
        context::lock(&self.said).note_cte(relation);
    }

    /// `sql` with the common table expressions that it asked for, and what was said.
    pub(super) fn finish(self, sql: &str) -> Result<(String, Said), TransformError> {
        let said = std::mem::take(&mut *context::lock(&self.said));
        let mut ctes = Vec::new();
        for name in &said.ctes {
            self.templates.add_cte(name, self.names, &mut ctes)?;
        }
        Ok((ephemeral::put_in_front(&ctes, sql.trim()), said))
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

/// The tests that dbt brings along, unless the project has its own of the name.
fn add_built_in_tests(environment: &mut Environment<'static>) -> Result<(), TransformError> {
    for file in BUILT_IN_TESTS.files() {
        let file = SourceFile {
            path: format!("firstpress/{}", file.path().display()),
            text: file.contents_utf8().unwrap_or_default().to_owned(),
        };
        let name = format!("test_{}", file.stem());
        if environment.globals().any(|(global, _)| global == name) {
            continue;
        }
        let text = blocks::with_tests_as_macros(&file)?;
        environment
            .add_template_owned(file.path.clone(), text)
            .map_err(|error| template_error(&file.path, &error))?;
        add_macros(environment, &file)?;
    }
    Ok(())
}

/// The macros that the file defines.
fn macros_of(environment: &Environment<'static>, file: &SourceFile) -> Result<Vec<String>, TransformError> {
    let failed = |error| template_error(&file.path, &error);
    let template = environment.get_template(&file.path).map_err(failed)?;
    let captured = template.render_captured(()).map_err(failed)?;
    let state = captured.state();
    let is_macro = |name: &&str| state.lookup(name).is_some_and(|value| is_macro(&value));
    let names = state.exports().into_iter().filter(is_macro);
    Ok(names.map(str::to_owned).collect())
}

fn add_macros(environment: &mut Environment<'static>, file: &SourceFile) -> Result<(), TransformError> {
    for name in macros_of(environment, file)? {
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

/// An expression has no lines of its own to point at.
fn expression_error(file: &str, error: &Error) -> TransformError {
    match template_error(file, error) {
        TransformError::Template { detail, .. } => TransformError::Project {
            file: file.to_owned(),
            detail,
        },
        TransformError::UnknownRef { line, name, .. } => TransformError::UnknownRef {
            file: file.to_owned(),
            line,
            name,
        },
        TransformError::UnknownSource {
            line,
            source_name,
            table,
            ..
        } => TransformError::UnknownSource {
            file: file.to_owned(),
            line,
            source_name,
            table,
        },
        other => other,
    }
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
