//! What a template can name: dbt's functions and variables, as far as firstpress knows them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use minijinja::value::{Kwargs, Object, ObjectRepr, from_args};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use serde::Deserialize;

use super::config::Config;
use super::data_test::TestConfig;
use super::folders::Layer;
use super::relation::Relation;
use super::settings::Settings;
use crate::config::EnvVars;

/// The schema of models that configure none, and the stem of those that do unless the project has a
/// `generate_schema_name` macro: dbt's `target.schema`.
pub(super) const TARGET_SCHEMA: &str = "public";

/// dbt's names that mean a database at hand while rendering, the environment, or Python.
const REFUSED_VALUES: [&str; 8] = [
    "adapter",
    "execute",
    "exceptions",
    "graph",
    "model",
    "modules",
    "flags",
    "builtins",
];
const REFUSED_FUNCTIONS: [&str; 5] = ["run_query", "statement", "load_result", "log", "doc"];

/// What `ref` and `source` stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) project: String,
    pub(super) models: BTreeMap<String, Relation>,
    pub(super) sources: BTreeMap<(String, String), Relation>,
    /// By its name, what a relation without a schema stands for.
    pub(super) ctes: BTreeMap<String, Cte>,
    /// What stands in place of dbt's functions and variables, or of macros.
    pub(super) overrides: Overrides,
}

/// Stand-ins for what a template can name.
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides {
    /// What a function or macro returns whatever it is given, by its name.
    pub(super) returns: BTreeMap<String, Value>,
    pub(super) variables: BTreeMap<String, Value>,
    /// Values of `var`.
    pub(super) vars: BTreeMap<String, Value>,
    /// Values of `env_var`.
    pub(super) env_vars: BTreeMap<String, Value>,
}

/// SQL that stands in front of the SQL that refers to it.
#[derive(Debug, Clone)]
pub(super) enum Cte {
    /// An ephemeral model.
    Model {
        file: String,
        /// Where it would lie.
        this: Relation,
    },
    /// Rows that a unit test gives, selected.
    Fixture(String),
}

/// What a model said while it was rendered.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) refs: BTreeSet<String>,
    pub(super) sources: BTreeSet<(String, String)>,
    /// Common table expressions, in the order in which they were asked for.
    pub(super) ctes: Vec<String>,
    pub(super) config: Config,
}

/// A reference to something that does not exist; travels as the source of a template error.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Unknown {
    #[error("ref('{0}')")]
    Ref(String),
    #[error("source('{0}', '{1}')")]
    Source(String, String),
}

/// Adds what is the same for every model.
pub(super) fn add_common(environment: &mut Environment<'static>, settings: &Settings) {
    let vars = settings.vars.clone();
    environment.add_function("var", move |name: String, default: Option<Value>| {
        let unset = || {
            refused(format!(
                "var('{name}') has no value in dbt_project.yml and no default here"
            ))
        };
        vars.get(&name).cloned().or(default).ok_or_else(unset)
    });
    let env_vars = settings.env_vars.clone();
    environment.add_function("env_var", move |name: String, default: Option<Value>| {
        env_var(&env_vars, &name, default)
    });
    environment.add_function("is_incremental", || false);
    environment.add_global("target", target(&settings.name));
    environment.add_global("project_name", settings.name.as_str());
    environment.add_global("run_started_at", Value::from_object(Moment(Utc::now())));
    environment.add_global("invocation_id", uuid::Uuid::now_v7().to_string());
    for name in REFUSED_VALUES {
        environment.add_global(name, Value::from(unsupported(name)));
    }
    for name in REFUSED_FUNCTIONS {
        environment.add_global(name, Value::from_object(Answer(Err(name))));
    }
}

fn env_var(
    allowed: &BTreeMap<String, Option<String>>,
    name: &str,
    default: Option<Value>,
) -> Result<Value, Error> {
    if EnvVars::is_secret(name) {
        return Err(refused(format!(
            "env_var('{name}'): a secret, which no model gets to see"
        )));
    }
    let Some(value) = allowed.get(name) else {
        return Err(refused(format!(
            "env_var('{name}') is not allowed; add {name} to the list `env_vars` under `vars` in dbt_project.yml"
        )));
    };
    let unset = || refused(format!("env_var('{name}') is not set and has no default here"));
    value.as_deref().map(Value::from).or(default).ok_or_else(unset)
}

/// Adds what depends on the model, and returns where `ref` and `config` note what the model says.
pub(super) fn add_model(
    environment: &mut Environment<'static>,
    names: &Arc<Names>,
    this: &Relation,
) -> Arc<Mutex<Said>> {
    let said = Arc::new(Mutex::new(Said::default()));
    environment.add_global("this", this.value());
    let (known, notes) = (Arc::clone(names), Arc::clone(&said));
    environment.add_function(
        "ref",
        move |first: String, second: Option<String>, more: Kwargs| {
            more.assert_all_used()?;
            let name = known.own_model(first, second)?;
            let found = known.models.get(&name);
            let found = found.ok_or_else(|| unknown(Unknown::Ref(name.clone())))?;
            let mut said = lock(&notes);
            said.note_cte(found);
            said.refs.insert(name);
            Ok::<_, Error>(found.value())
        },
    );
    let (known, notes) = (Arc::clone(names), Arc::clone(&said));
    environment.add_function("source", move |source: String, table: String| {
        let key = (source, table);
        let Some(found) = known.sources.get(&key) else {
            return Err(unknown(Unknown::Source(key.0, key.1)));
        };
        let mut said = lock(&notes);
        said.note_cte(found);
        said.sources.insert(key);
        Ok(found.value())
    });
    let notes = Arc::clone(&said);
    environment.add_function("config", move |stated: Kwargs| {
        let stated = Config::deserialize(Value::from(stated))
            .map_err(|error| refused(format!("config: {}", error.detail().unwrap_or("cannot be read"))))?;
        let mut said = lock(&notes);
        said.config = stated.over(std::mem::take(&mut said.config));
        Ok::<_, Error>("")
    });
    names.overrides.add(environment);
    said
}

/// Makes `config()` that of a data test, and returns where it is noted.
pub(super) fn add_test_config(environment: &mut Environment<'static>) -> Arc<Mutex<TestConfig>> {
    let noted = Arc::new(Mutex::new(TestConfig::default()));
    let notes = Arc::clone(&noted);
    environment.add_function("config", move |stated: Kwargs| {
        let stated = TestConfig::deserialize(Value::from(stated))
            .map_err(|error| refused(format!("config: {}", error.detail().unwrap_or("cannot be read"))))?;
        let mut noted = lock(&notes);
        *noted = stated.over(std::mem::take(&mut *noted));
        Ok::<_, Error>("")
    });
    noted
}

/// The lock on what a model says. A template that panicked cannot have left it half written.
pub(super) fn lock<T>(said: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An error with `detail` at the place in the template that called.
pub(super) fn refused(detail: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

impl Said {
    pub(super) fn note_cte(&mut self, relation: &Relation) {
        if relation.schema.is_empty() && !self.ctes.contains(&relation.name) {
            self.ctes.push(relation.name.clone());
        }
    }
}

impl Overrides {
    fn add(&self, environment: &mut Environment<'static>) {
        for (name, value) in self.returns.clone() {
            environment.add_global(name, Value::from_object(Answer(Ok(value))));
        }
        for (name, value) in self.variables.clone() {
            environment.add_global(name, value);
        }
        stand_in(environment, "var", &self.vars);
        stand_in(environment, "env_var", &self.env_vars);
    }
}

/// Makes a function that looks up a name find these values first.
fn stand_in(
    environment: &mut Environment<'static>,
    function: &'static str,
    values: &BTreeMap<String, Value>,
) {
    let usual = environment.globals().find(|(global, _)| *global == function);
    let Some((_, usual)) = usual.filter(|_| !values.is_empty()) else {
        return;
    };
    let values = values.clone();
    environment.add_function(function, move |state: &mut State<'_, '_>, args: &[Value]| {
        let name = args.first().and_then(Value::as_str);
        match name.and_then(|name| values.get(name)) {
            Some(value) => Ok(value.clone()),
            None => usual.call(state, args),
        }
    });
}

impl Names {
    /// These names, where `is_incremental()` says this.
    pub(super) fn incremental(&self, is_incremental: bool) -> Names {
        let mut names = self.clone();
        let value = Value::from(is_incremental);
        names.overrides.returns.insert("is_incremental".to_owned(), value);
        names
    }

    /// These names, with a fixed moment and id in place of those of this run.
    pub(super) fn at_any_time(&self, is_incremental: bool) -> Names {
        let mut names = self.incremental(is_incremental);
        let variables = &mut names.overrides.variables;
        variables.insert(
            "run_started_at".to_owned(),
            Value::from_object(Moment(DateTime::UNIX_EPOCH)),
        );
        variables.insert(
            "invocation_id".to_owned(),
            Value::from(uuid::Uuid::nil().to_string()),
        );
        names
    }

    /// The model's name from the arguments of `ref`: the name, or this project's name and the model's.
    fn own_model(&self, first: String, second: Option<String>) -> Result<String, Error> {
        match second {
            None => Ok(first),
            Some(name) if first == self.project => Ok(name),
            Some(_) => Err(refused(format!(
                "ref to another package, `{first}`, is not supported"
            ))),
        }
    }
}

fn unknown(what: Unknown) -> Error {
    refused(what.to_string()).with_source(what)
}

fn unsupported(name: &str) -> Error {
    refused(format!(
        "`{name}` is not supported: firstpress renders without a database or an environment"
    ))
}

fn target(project: &str) -> Value {
    Value::from_pairs([
        ("name", "firstpress"),
        ("schema", TARGET_SCHEMA),
        ("type", "postgres"),
        ("profile_name", project),
    ])
}

/// A function that answers the same whatever it is given: a value, or that it is not supported.
#[derive(Debug)]
struct Answer(Result<Value, &'static str>);

impl Object for Answer {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        self.0.clone().map_err(unsupported)
    }
}

/// `run_started_at`: shows as Python's datetime does, and has `strftime` and `isoformat`.
#[derive(Debug)]
struct Moment(DateTime<Utc>);

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d %H:%M:%S%.6f%:z"))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let format = match method {
            "strftime" => from_args::<(String,)>(args)?.0,
            "isoformat" => "%Y-%m-%dT%H:%M:%S%.6f%:z".to_owned(),
            _ => return Err(refused(format!("run_started_at.{method} is not supported"))),
        };
        let mut text = String::new();
        write!(text, "{}", self.0.format(&format))
            .map_err(|_| refused(format!("strftime does not know the format {format}")))?;
        Ok(Value::from(text))
    }
}
