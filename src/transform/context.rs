//! What a template can name: dbt's functions and variables, as far as firstpress knows them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use minijinja::value::{Kwargs, Object, ObjectRepr, from_args};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use serde::Deserialize;

use super::config::Config;
use super::relation::Relation;
use super::settings::Settings;

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
const REFUSED_FUNCTIONS: [&str; 6] = ["run_query", "env_var", "statement", "load_result", "log", "doc"];

/// What `ref` and `source` stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) project: String,
    pub(super) models: BTreeMap<String, Relation>,
    pub(super) sources: BTreeMap<(String, String), Relation>,
}

/// What a rendering knows of its surroundings.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) names: Arc<Names>,
    /// dbt's `this`: where the model is published.
    pub(super) this: Relation,
    /// What `is_incremental()` says: the model stands, and only what has changed is asked for.
    pub(super) is_incremental: bool,
}

/// What a model said while it was rendered.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) refs: BTreeSet<String>,
    pub(super) sources: BTreeSet<(String, String)>,
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
    environment.add_global("target", target(&settings.name));
    environment.add_global("project_name", settings.name.as_str());
    add_invocation(environment, Utc::now(), uuid::Uuid::now_v7());
    for name in REFUSED_VALUES {
        environment.add_global(name, Value::from(unsupported(name)));
    }
    for name in REFUSED_FUNCTIONS {
        let refuse = move |_: &[Value]| -> Result<Value, Error> { Err(unsupported(name)) };
        environment.add_function(name, refuse);
    }
}

/// Adds what is another thing each time.
pub(super) fn add_invocation(
    environment: &mut Environment<'static>,
    started_at: DateTime<Utc>,
    id: uuid::Uuid,
) {
    environment.add_global("run_started_at", Value::from_object(Moment(started_at)));
    environment.add_global("invocation_id", id.to_string());
}

/// Adds what depends on the model, and returns where `ref` and `config` note what the model says.
pub(super) fn add_model(environment: &mut Environment<'static>, place: &Place) -> Arc<Mutex<Said>> {
    let Place {
        names,
        this,
        is_incremental,
    } = place;
    let said = Arc::new(Mutex::new(Said::default()));
    environment.add_global("this", this.value());
    let is_incremental = *is_incremental;
    environment.add_function("is_incremental", move || is_incremental);
    let (known, notes) = (Arc::clone(names), Arc::clone(&said));
    environment.add_function(
        "ref",
        move |first: String, second: Option<String>, more: Kwargs| {
            more.assert_all_used()?;
            let name = known.own_model(first, second)?;
            let found = known.models.get(&name).map(Relation::value);
            let found = found.ok_or_else(|| unknown(Unknown::Ref(name.clone())))?;
            lock(&notes).refs.insert(name);
            Ok::<_, Error>(found)
        },
    );
    let (known, notes) = (Arc::clone(names), Arc::clone(&said));
    environment.add_function("source", move |source: String, table: String| {
        let key = (source, table);
        let Some(found) = known.sources.get(&key) else {
            return Err(unknown(Unknown::Source(key.0, key.1)));
        };
        lock(&notes).sources.insert(key);
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
    said
}

/// The lock on what a model says. A template that panicked cannot have left it half written.
pub(super) fn lock(said: &Mutex<Said>) -> std::sync::MutexGuard<'_, Said> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An error with `detail` at the place in the template that called.
pub(super) fn refused(detail: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

impl Names {
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
