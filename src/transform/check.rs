//! Checks: data tests of .yml files and the .sql files in `tests/`, as SQL that finds the bad rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde_json::{Map, Value as Json};

use super::TransformError;
use super::context::{self, Names};
use super::data_test::{DataTest, TestConfig};
use super::folders::Layer;
use super::project::Model;
use super::properties::{Described, Properties};
use super::relation::Relation;
use super::render::{Rendering, Templates};
use super::settings::Settings;

/// The kind of a check that is a file of its own.
const SINGULAR: &str = "singular";

/// A check of one or more models or sources. Its SQL is rendered only when it runs, so that it reads the relations
/// that its names stand for by then.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) name: String,
    /// The .yml file that asks for it, or the .sql file that it is.
    pub(super) file: String,
    pub(super) description: Option<String>,
    /// The generic test's name, or `singular`.
    pub(super) kind: String,
    /// What it stands at; `None` for a singular test.
    pub(super) subject: Option<Subject>,
    pub(super) column: Option<String>,
    pub(super) config: TestConfig,
    /// The models and seeds that it reads.
    pub(super) refs: BTreeSet<String>,
    /// The source tables that it reads.
    pub(super) sources: BTreeSet<(String, String)>,
    pub(super) arguments: Map<String, Json>,
}

/// What a generic test stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A model or seed.
    Model(String),
    /// A table of a source.
    Source(String, String),
}

/// Every enabled check of the project, rendered once to see that it can be and what it reads. One that reads a
/// disabled model is left out, as in dbt.
pub(super) fn read(
    (models, disabled): (&BTreeMap<String, Model>, &BTreeSet<String>),
    (properties, singular): (&Properties, Vec<(String, String)>),
    (templates, names, settings): (&Templates, &Arc<Names>, &Settings),
) -> Result<Vec<Check>, TransformError> {
    let models = models
        .values()
        .map(|model| (Subject::Model(model.name.clone()), &model.described));
    let sources = properties
        .sources
        .iter()
        .map(|((source, table), described)| (Subject::Source(source.clone(), table.clone()), described));
    let generic = models.chain(sources).flat_map(|(subject, described)| {
        let check = |test| Check::generic(test, &subject, described);
        described.tests.iter().map(check).collect::<Vec<Check>>()
    });
    let singular = singular
        .into_iter()
        .map(|(name, file)| Check::singular(name, file, properties));
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut checks = Vec::new();
    for mut check in generic.chain(singular) {
        match check.hear(templates, (names, settings)) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(TransformError::UnknownRef { name, .. }) if disabled.contains(&name) => continue,
            Err(error) => return Err(error),
        }
        if let Some(first) = files.insert(check.name.clone(), check.file.clone()) {
            return Err(TransformError::Duplicate {
                what: format!("check `{}` (give one of the two a `name:`)", check.name),
                first,
                second: check.file,
            });
        }
        checks.push(check);
    }
    Ok(checks)
}

impl Check {
    fn generic(test: &DataTest, subject: &Subject, described: &Described) -> Check {
        let name = test.name.clone().unwrap_or_else(|| default_name(test, subject));
        Check {
            name,
            file: described.file.clone(),
            description: test.description.clone(),
            kind: test.kind.clone(),
            subject: Some(subject.clone()),
            column: test.column.clone(),
            config: test.config.clone(),
            refs: BTreeSet::new(),
            sources: BTreeSet::new(),
            arguments: test.arguments.clone(),
        }
    }

    fn singular(name: String, file: String, properties: &Properties) -> Check {
        let described = properties.singular_tests.get(&name);
        Check {
            file,
            description: described.and_then(|described| described.description.clone()),
            kind: SINGULAR.to_owned(),
            subject: None,
            column: None,
            config: described
                .map(|described| described.config.clone())
                .unwrap_or_default(),
            refs: BTreeSet::new(),
            sources: BTreeSet::new(),
            arguments: Map::new(),
            name,
        }
    }

    /// Takes in what the check says of itself while it renders. Returns whether it is enabled.
    fn hear(
        &mut self,
        templates: &Templates,
        (names, settings): (&Arc<Names>, &Settings),
    ) -> Result<bool, TransformError> {
        let of_folders = settings.test_config_of(&self.file);
        if !self.config.clone().over(of_folders.clone()).is_enabled() {
            return Ok(false);
        }
        let mut rendering = templates.start(names, &Relation::default());
        let noted = context::add_test_config(&mut rendering.environment);
        let sql = self.body(templates, &rendering, None)?;
        let (_, said) = rendering.finish(&sql)?;
        let own = std::mem::take(&mut *context::lock(&noted));
        self.config = std::mem::take(&mut self.config).over(own).over(of_folders);
        (self.refs, self.sources) = (said.refs, said.sources);
        Ok(self.config.is_enabled())
    }

    /// One select statement that finds the bad rows, with relations as `names` has them; `to` stands in for the
    /// argument of that name.
    pub(super) fn select(
        &self,
        templates: &Templates,
        names: &Arc<Names>,
        to: Option<String>,
    ) -> Result<String, TransformError> {
        let mut rendering = templates.start(names, &Relation::default());
        context::add_test_config(&mut rendering.environment);
        let sql = self.body(templates, &rendering, to)?;
        Ok(rendering.finish(&sql)?.0)
    }

    fn body(
        &self,
        templates: &Templates,
        rendering: &Rendering<'_>,
        to: Option<String>,
    ) -> Result<String, TransformError> {
        let Some(subject) = &self.subject else {
            return rendering.file(&self.file);
        };
        let called = format!("test_{}", self.kind);
        if !templates.has_macro(&called) {
            let detail = format!(
                "test `{0}` is unknown: no macro path and no tests/generic has {{% test {0}(…) %}}",
                self.kind
            );
            return Err(self.error(detail));
        }
        let expression = match subject {
            Subject::Model(model) => format!("ref({})", quoted(model)),
            Subject::Source(source, table) => format!("source({}, {})", quoted(source), quoted(table)),
        };
        let mut model = rendering.value(&self.file, &expression)?;
        if let Some(filter) = self.config.filter() {
            let filter = jinja(rendering, &self.file, filter)?;
            model = Value::from(format!("(select * from {model} where {filter}) dbt_subquery"));
        }
        let mut arguments = vec![("model".to_owned(), model)];
        if let Some(column) = &self.column {
            arguments.push(("column_name".to_owned(), Value::from(column.as_str())));
        }
        for (name, value) in &self.arguments {
            let value = match &to {
                Some(to) if name == "to" => Value::from(to.as_str()),
                _ => evaluated(rendering, &self.file, value)?,
            };
            arguments.push((name.clone(), value));
        }
        let call = ["{{ ", &called, "(**arguments) }}"].concat();
        let context = context! { arguments => Value::from_pairs(arguments) };
        rendering
            .text(&self.file, &call, context)
            .map_err(|error| self.named(error))
    }

    fn error(&self, detail: String) -> TransformError {
        TransformError::Project {
            file: self.file.clone(),
            detail,
        }
    }

    /// A fault in the call is one of the .yml file, whose line the template engine does not know.
    fn named(&self, error: TransformError) -> TransformError {
        match error {
            TransformError::Template { file, detail, .. } if file == self.file => {
                self.error(format!("test `{}`: {detail}", self.kind))
            }
            TransformError::Template { file, line, detail } => TransformError::Template {
                detail: format!("{detail}, in check {}", self.name),
                file,
                line,
            },
            other => other,
        }
    }
}

/// An argument as the test gets it: dbt evaluates text that calls `ref` and the like, or holds Jinja.
fn evaluated(rendering: &Rendering<'_>, file: &str, argument: &Json) -> Result<Value, TransformError> {
    match argument {
        Json::String(text) if is_call(text) => rendering.value(file, text),
        Json::String(text) => jinja(rendering, file, text),
        Json::Array(values) => {
            let values: Result<Vec<Value>, TransformError> = values
                .iter()
                .map(|value| evaluated(rendering, file, value))
                .collect();
            Ok(Value::from(values?))
        }
        Json::Object(map) => {
            let pairs: Result<Vec<(String, Value)>, TransformError> = map
                .iter()
                .map(|(key, value)| Ok((key.clone(), evaluated(rendering, file, value)?)))
                .collect();
            Ok(Value::from_pairs(pairs?))
        }
        plain => Ok(Value::from(Serde(plain))),
    }
}

/// Text with its Jinja evaluated; what an expression alone stands for is kept as it is.
fn jinja(rendering: &Rendering<'_>, file: &str, text: &str) -> Result<Value, TransformError> {
    let inner = text
        .trim()
        .strip_prefix("{{")
        .and_then(|text| text.strip_suffix("}}"));
    match inner {
        Some(expression) if !expression.contains("{{") => rendering.value(file, expression.trim()),
        _ if text.contains("{{") || text.contains("{%") => {
            Ok(Value::from(rendering.text(file, text, Value::UNDEFINED)?))
        }
        _ => Ok(Value::from(text)),
    }
}

fn is_call(text: &str) -> bool {
    let text = text.trim();
    let called = text.split_once('(').map(|(name, _)| name.trim_end());
    called.is_some_and(|name| ["ref", "source", "var", "env_var"].contains(&name)) && text.ends_with(')')
}

/// Text as a literal of the template language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Such as `unique_dim_album_album_id`, or with the arguments' words where there is no column.
fn default_name(test: &DataTest, subject: &Subject) -> String {
    let subject = match subject {
        Subject::Model(model) => model.clone(),
        Subject::Source(source, table) => format!("{source}_{table}"),
    };
    let arguments = || {
        let plain = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let words: Vec<String> = test.arguments.values().map(plain).collect();
        words.join(" ")
    };
    let said = test.column.clone().unwrap_or_else(arguments);
    let words = said.split(|c: char| !c.is_alphanumeric() && c != '_');
    let words = words.filter(|word| !word.is_empty());
    [test.kind.as_str(), &subject]
        .into_iter()
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}
