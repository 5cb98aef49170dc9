//! Unit tests of .yml files: a model's SQL over rows that are given, compared with rows that are expected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};
use sqlx::{Connection, PgConnection};

use super::TransformError;
use super::context::{Cte, Names, Overrides, Said};
use super::crew::{Crew, independent};
use super::ephemeral::cte_name;
use super::existing::Existing;
use super::files::SourceFile;
use super::fixture::{Fixture, Format, WrittenRows};
use super::project::{Model, Project};
use super::relation::Relation;
use super::render::Templates;
use super::selection::Selected;
use super::settings::Settings;
use super::sql::Statement;

const ACTUAL: &str = "firstpress_actual";
const EXPECTED: &str = "firstpress_expected";
/// So many rows of each side are told.
const TOLD: usize = 5;

/// A unit test of one model.
#[derive(Debug)]
pub(super) struct UnitTest {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) description: Option<String>,
    pub(super) model: String,
    given: Vec<(Input, Fixture)>,
    expected: Fixture,
    overrides: Overrides,
}

/// What the given rows stand in for.
#[derive(Debug, PartialEq, Eq)]
enum Input {
    Model(String),
    Source(String, String),
    This,
}

// The entries as they are written.

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenUnitTest {
    name: String,
    pub(super) description: Option<String>,
    model: String,
    #[serde(default)]
    given: Vec<WrittenGiven>,
    expect: WrittenRows,
    #[serde(default)]
    overrides: WrittenOverrides,
    #[serde(default)]
    config: WrittenConfig,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenGiven {
    input: String,
    rows: Option<Json>,
    #[serde(default)]
    format: Format,
    fixture: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenOverrides {
    macros: Map<String, Json>,
    vars: Map<String, Json>,
    env_vars: Map<String, Json>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenConfig {
    enabled: Option<bool>,
    #[serde(rename = "tags")]
    _tags: Option<IgnoredAny>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
}

/// What reading a unit test takes.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) files: &'a [SourceFile],
    pub(super) settings: &'a Settings,
    pub(super) templates: &'a Templates,
    pub(super) names: &'a Arc<Names>,
    pub(super) models: &'a BTreeMap<String, Model>,
    /// Names of models whose unit tests are left out.
    pub(super) disabled: &'a BTreeSet<String>,
}

impl Reader<'_> {
    /// The unit test, rendered once to see that everything it reads is given; `None` where it is disabled.
    pub(super) fn read(
        &self,
        file: &str,
        written: WrittenUnitTest,
    ) -> Result<Option<UnitTest>, TransformError> {
        let error = |detail: String| TransformError::Project {
            file: file.to_owned(),
            detail: format!("unit test `{}`: {detail}", written.name),
        };
        if written.config.enabled == Some(false) || self.disabled.contains(&written.model) {
            return Ok(None);
        }
        let model = self.models.get(&written.model);
        let model = model.filter(|model| !model.is_seed());
        let model = model.ok_or_else(|| error(format!("there is no model `{}`", written.model)))?;
        let mut given = Vec::new();
        for input in written.given {
            let read = self.input(file, &input.input)?;
            let rows = WrittenRows {
                rows: input.rows,
                format: input.format,
                fixture: input.fixture,
            };
            let rows = rows.read(self.files, self.settings);
            given.push((
                read,
                rows.map_err(|detail| error(format!("{}: {detail}", input.input)))?,
            ));
        }
        let expected = written.expect.read(self.files, self.settings);
        let test = UnitTest {
            expected: expected.map_err(|detail| error(format!("expect: {detail}")))?,
            overrides: self.overrides(written.overrides).map_err(&error)?,
            name: written.name.clone(),
            file: file.to_owned(),
            description: written.description,
            model: written.model,
            given,
        };
        self.see_that_all_is_given(&test, model)
            .map_err(|fault| match fault {
                Fault::Detail(detail) => error(detail),
                Fault::Transform(error) => error,
            })?;
        Ok(Some(test))
    }

    fn input(&self, file: &str, expression: &str) -> Result<Input, TransformError> {
        if expression.trim() == "this" {
            return Ok(Input::This);
        }
        let rendering = self.templates.start(self.names, &Relation::default());
        rendering.value(file, expression)?;
        let (_, said) = rendering.finish("")?;
        match (said.refs.into_iter().next(), said.sources.into_iter().next()) {
            (Some(model), None) => Ok(Input::Model(model)),
            (None, Some((source, table))) => Ok(Input::Source(source, table)),
            _ => Err(TransformError::Project {
                file: file.to_owned(),
                detail: format!("an input of a unit test is ref(…), source(…) or this; found {expression}"),
            }),
        }
    }

    fn overrides(&self, written: WrittenOverrides) -> Result<Overrides, String> {
        for name in written.macros.keys() {
            if !self.templates.has_macro(name) {
                return Err(format!("overrides macro `{name}`, which does not exist"));
            }
        }
        Ok(Overrides {
            returns: values(written.macros),
            vars: values(written.vars),
            env_vars: values(written.env_vars),
            variables: BTreeMap::new(),
        })
    }

    fn see_that_all_is_given(&self, test: &UnitTest, model: &Model) -> Result<(), Fault> {
        for (input, rows) in &test.given {
            let relation = test.relation(input, (model, self.names));
            if matches!(rows, Fixture::Rows(_)) && relation.is_none_or(|relation| relation.schema.is_empty())
            {
                return Err(Fault::Detail(
                    "an ephemeral model has no table to take types from; give its rows as sql".to_owned(),
                ));
            }
        }
        let (_, said) = test.render((model, self.templates), self.names)?;
        let given = |input: &Input| test.given.iter().any(|(known, _)| known == input);
        let refs = said
            .refs
            .into_iter()
            .map(|name| (format!("ref('{name}')"), Input::Model(name)));
        let sources = said.sources.into_iter().map(|(source, table)| {
            (
                format!("source('{source}', '{table}')"),
                Input::Source(source, table),
            )
        });
        match refs.chain(sources).find(|(_, input)| !given(input)) {
            Some((missing, _)) => Err(Fault::Detail(format!(
                "gives no rows for {missing}, which model `{}` reads; `rows: []` are none",
                test.model
            ))),
            None => Ok(()),
        }
    }
}

enum Fault {
    Detail(String),
    Transform(TransformError),
}

impl From<TransformError> for Fault {
    fn from(error: TransformError) -> Fault {
        Fault::Transform(error)
    }
}

/// Runs the unit tests of the selected models, which are built: the types of given rows come from there. Of what is
/// only published the tests have passed before.
pub(super) async fn run_all(
    crew: &mut Crew,
    project: &Project,
    selected: &Selected<'_>,
) -> Result<(), TransformError> {
    let names = project.names(&selected.built());
    let tests = selected.models.iter().flat_map(|model| project.unit_tests(model));
    crew.work(independent(tests), async |connection, test| {
        let mut transaction = connection.begin().await?;
        test.run(&mut transaction, project, &names).await?;
        Ok(transaction.rollback().await?)
    })
    .await?;
    Ok(())
}

impl UnitTest {
    /// Runs the test within the transaction that is open, and leaves nothing behind. `names` say which relations
    /// the types of the given rows come from; they must stand.
    ///
    /// # Errors
    /// `UnitTestFailed` with the rows that are missing and those that are there instead, or what Postgres refuses.
    pub(super) async fn run(
        &self,
        connection: &mut PgConnection,
        project: &Project,
        names: &Arc<Names>,
    ) -> Result<(), TransformError> {
        let Some(model) = project.models.iter().find(|model| model.name == self.model) else {
            return Ok(());
        };
        let (sql, _) = self.render((model, &project.templates), names)?;
        self.stage(ACTUAL, &sql)?.execute(connection).await?;
        let expected = self.expected.select(&format!("pg_temp.{ACTUAL}"), true)?;
        self.stage(EXPECTED, &expected)?.execute(connection).await?;
        let columns = Existing::find(connection, &format!("pg_temp.{EXPECTED}")).await?;
        let columns = columns.map(|expected| expected.columns).unwrap_or_default();
        let columns: Vec<Value> = columns
            .iter()
            .map(|column| context! { name => column.name.clone(), type => column.r#type.clone() })
            .collect();
        let compare = self.statement("unit_test_compare", context! { columns => columns })?;
        let rows: Vec<(bool, String)> = compare.all(connection).await?;
        let drop = format!("pg_temp.{ACTUAL}, pg_temp.{EXPECTED}");
        self.statement("drop_relation", context! { kind => "table", target => drop })?
            .execute(connection)
            .await?;
        match rows.is_empty() {
            true => Ok(()),
            false => Err(self.failed(rows)),
        }
    }

    /// The model's SQL over the given rows.
    fn render(
        &self,
        (model, templates): (&Model, &Templates),
        names: &Arc<Names>,
    ) -> Result<(String, Said), TransformError> {
        let mut own = Names::clone(names);
        own.overrides = self.overrides.clone();
        let mut this = model.relation.clone();
        for (input, rows) in &self.given {
            let Some(relation) = self.relation(input, (model, names)) else {
                continue;
            };
            let select = rows.select(&relation.to_string(), false)?;
            let cte = match input {
                Input::Model(name) => cte_name(name),
                Input::Source(source, table) => cte_name(&format!("{source}__{table}")),
                Input::This => cte_name(&self.model),
            };
            let relation = Relation::cte(cte.clone());
            own.ctes.insert(cte, Cte::Fixture(select));
            match input {
                Input::Model(name) => drop(own.models.insert(name.clone(), relation)),
                Input::Source(source, table) => {
                    drop(own.sources.insert((source.clone(), table.clone()), relation));
                }
                Input::This => this = relation,
            }
        }
        let own = Arc::new(own);
        let rendering = templates.start(&own, &this);
        let sql = rendering.file(&model.file)?;
        rendering.note_cte(&this);
        rendering.finish(&sql)
    }

    /// What the input stands for outside of the test.
    fn relation<'a>(&self, input: &Input, (model, names): (&'a Model, &'a Names)) -> Option<&'a Relation> {
        match input {
            Input::Model(name) => names.models.get(name),
            Input::Source(source, table) => names.sources.get(&(source.clone(), table.clone())),
            Input::This => names.models.get(&model.name),
        }
    }

    fn stage<'a>(&'a self, name: &str, body: &'a str) -> Result<Statement<'a>, TransformError> {
        let context = context! { name => name, body => body };
        Statement::render("unit_test_stage", context, (&self.file, ""))
    }

    fn statement(&self, name: &str, context: Value) -> Result<Statement<'_>, TransformError> {
        Statement::render(name, context, (&self.file, ""))
    }

    fn failed(&self, rows: Vec<(bool, String)>) -> TransformError {
        let (missing, surplus): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(is_missing, _)| *is_missing);
        let told = |rows: Vec<(bool, String)>| match rows.len().checked_sub(TOLD) {
            Some(more @ 1..) => {
                let first: Vec<String> = rows.into_iter().take(TOLD).map(|(_, row)| row).collect();
                format!("{} and {more} more", first.join(", "))
            }
            _ if rows.is_empty() => "none".to_owned(),
            _ => rows
                .into_iter()
                .map(|(_, row)| row)
                .collect::<Vec<_>>()
                .join(", "),
        };
        TransformError::UnitTestFailed {
            file: self.file.clone(),
            name: self.name.clone(),
            model: self.model.clone(),
            missing: told(missing),
            surplus: told(surplus),
        }
    }
}

fn values(written: Map<String, Json>) -> BTreeMap<String, Value> {
    written
        .into_iter()
        .map(|(name, value)| (name, Value::from(Serde(value))))
        .collect()
}
