//! One data test of a .yml file, in dbt's old flat form or with `arguments:` and `config:`.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::config::one_or_many;
use super::folders::Layer;

/// A generic test and what it is asked.
#[derive(Debug)]
pub(super) struct DataTest {
    /// `unique` for the macro `test_unique`.
    pub(super) kind: String,
    /// A name of the project's own for the check.
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    /// Column or, as dbt puts it into the SQL as it is, any expression.
    pub(super) column: Option<String>,
    pub(super) arguments: Map<String, Json>,
    pub(super) config: TestConfig,
}

/// What follows from a check that found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It is told, and the tables are published.
    Warn,
    /// Nothing is published.
    Error,
}

/// What `config:` of a data test and `config()` in one can say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TestConfig {
    #[serde(deserialize_with = "severity")]
    severity: Option<Severity>,
    warn_if: Option<String>,
    error_if: Option<String>,
    fail_calc: Option<String>,
    limit: Option<u64>,
    r#where: Option<String>,
    enabled: Option<bool>,
    #[serde(deserialize_with = "one_or_many")]
    tags: Option<Vec<String>>,
    // Known, and without effect on the tables that are published.
    #[serde(rename = "store_failures")]
    _store_failures: Option<IgnoredAny>,
    #[serde(rename = "store_failures_as")]
    _store_failures_as: Option<IgnoredAny>,
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
}

/// The keys of [`TestConfig`], which the old form writes among the arguments.
const CONFIG_KEYS: [&str; 11] = [
    "severity",
    "warn_if",
    "error_if",
    "fail_calc",
    "limit",
    "where",
    "enabled",
    "tags",
    "store_failures",
    "store_failures_as",
    "meta",
];

impl Layer for TestConfig {
    fn over(self, lower: TestConfig) -> TestConfig {
        TestConfig {
            severity: self.severity.or(lower.severity),
            warn_if: self.warn_if.or(lower.warn_if),
            error_if: self.error_if.or(lower.error_if),
            fail_calc: self.fail_calc.or(lower.fail_calc),
            limit: self.limit.or(lower.limit),
            r#where: self.r#where.or(lower.r#where),
            enabled: self.enabled.or(lower.enabled),
            tags: self.tags.or(lower.tags),
            ..TestConfig::default()
        }
    }
}

impl TestConfig {
    pub(super) fn severity(&self) -> Severity {
        self.severity.unwrap_or(Severity::Error)
    }

    /// What is written behind `fail_calc` to ask whether to warn.
    pub(super) fn warn_if(&self) -> &str {
        self.warn_if.as_deref().unwrap_or("!= 0")
    }

    /// What is written behind `fail_calc` to ask whether it is an error.
    pub(super) fn error_if(&self) -> &str {
        self.error_if.as_deref().unwrap_or("!= 0")
    }

    /// An aggregate over the rows of the test's select.
    pub(super) fn fail_calc(&self) -> &str {
        self.fail_calc.as_deref().unwrap_or("count(*)")
    }

    pub(super) fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Only rows for which this holds are looked at.
    pub(super) fn filter(&self) -> Option<&str> {
        self.r#where.as_deref()
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.enabled.unwrap_or(true)
    }
}

/// A test as it is written: a name, or a name with arguments.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum WrittenTest {
    Name(String),
    WithArguments(Map<String, Json>),
}

impl WrittenTest {
    /// The test, said of `column` or, at the level of the table, of what its `column_name` says.
    pub(super) fn read(self, column: Option<&str>) -> Result<DataTest, String> {
        let (kind, body) = self.parts()?;
        let mut read = DataTest {
            name: None,
            description: None,
            column: column.map(str::to_owned),
            arguments: Map::new(),
            config: TestConfig::default(),
            kind,
        };
        let mut config = Map::new();
        for (key, value) in body {
            match key.as_str() {
                "name" => read.name = text(&read.kind, value)?,
                "description" => read.description = text(&read.kind, value)?,
                "arguments" => read.arguments.extend(as_map(&read.kind, value)?),
                "config" => config.extend(as_map(&read.kind, value)?),
                key if CONFIG_KEYS.contains(&key) => drop(config.insert(key.to_owned(), value)),
                _ => drop(read.arguments.insert(key, value)),
            }
        }
        if read.arguments.contains_key("model") {
            return Err(format!("test `{}`: `model` is what it stands at", read.kind));
        }
        if let Some(column) = read.arguments.remove("column_name") {
            read.column = text(&read.kind, column)?;
        }
        read.config = serde_json::from_value(Json::Object(config))
            .map_err(|error| format!("test `{}`: {error}", read.kind))?;
        Ok(read)
    }

    /// Name and what stands below it. dbt also takes the name as a key `test_name`.
    fn parts(self) -> Result<(String, Map<String, Json>), String> {
        let mut map = match self {
            WrittenTest::Name(kind) => return Ok((kind, Map::new())),
            WrittenTest::WithArguments(map) => map,
        };
        if let Some(kind) = map.remove("test_name") {
            let kind = text("test_name", kind)?.ok_or("test_name is empty")?;
            return Ok((kind, map));
        }
        let keys: Vec<String> = map.keys().cloned().collect();
        match (map.into_iter().next(), keys.as_slice()) {
            (Some((kind, body)), [_]) => {
                let body = as_map(&kind, body)?;
                Ok((kind, body))
            }
            _ => Err(format!(
                "a test is one name with its arguments below; found {}",
                keys.join(", ")
            )),
        }
    }
}

fn as_map(test: &str, value: Json) -> Result<Map<String, Json>, String> {
    match value {
        Json::Object(map) => Ok(map),
        Json::Null => Ok(Map::new()),
        other => Err(format!(
            "test `{test}`: expected arguments by name, found {other}"
        )),
    }
}

fn text(test: &str, value: Json) -> Result<Option<String>, String> {
    match value {
        Json::String(text) => Ok(Some(text)),
        Json::Null => Ok(None),
        other => Err(format!("test `{test}`: expected text, found {other}")),
    }
}

/// dbt does not mind the case.
fn severity<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Severity>, D::Error> {
    let Some(written) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    match written.to_lowercase().as_str() {
        "warn" => Ok(Some(Severity::Warn)),
        "error" => Ok(Some(Severity::Error)),
        _ => Err(serde::de::Error::custom(format!(
            "severity is `warn` or `error`, found `{written}`"
        ))),
    }
}
