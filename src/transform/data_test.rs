//! One data test of a .yml file, in dbt's old flat form or with `arguments:` and `config:`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// A data test.
#[derive(Debug)]
pub(super) struct DataTest {
    pub(super) kind: Kind,
    /// A name of the project's own for the check.
    pub(super) name: Option<String>,
    /// Column or, as dbt puts it into the SQL as it is, any expression.
    pub(super) column: String,
    /// Only rows for which this holds are looked at.
    pub(super) filter: Option<String>,
}

/// The tests that there are, each with its SQL in `sql/`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Kind {
    Unique {},
    NotNull {},
    AcceptedValues {
        values: Vec<Json>,
        /// Whether the values stand in quotes in the SQL.
        #[serde(default = "yes")]
        quote: bool,
    },
    Relationships {
        /// `ref('model')` or `source('source', 'table')`.
        to: String,
        field: String,
    },
}

/// A test as it is written: a name, or a name with arguments.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum WrittenTest {
    Name(String),
    WithArguments(Map<String, Json>),
}

/// What every test can say beside its own arguments.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Common {
    name: Option<String>,
    column_name: Option<String>,
    r#where: Option<String>,
    severity: Option<String>,
}

impl WrittenTest {
    /// The test, said of `column` or, at the level of the table, of what its `column_name` says.
    pub(super) fn read(self, column: Option<&str>) -> Result<DataTest, String> {
        let (test, mut arguments) = self.flat()?;
        let common: Map<String, Json> = ["name", "description", "column_name", "where", "severity"]
            .into_iter()
            .filter_map(|key| arguments.remove_entry(key))
            .collect();
        let common: Common = serde_json::from_value(Json::Object(common))
            .map_err(|error| format!("test `{test}`: {error}"))?;
        if let Some(severity) = common
            .severity
            .filter(|severity| !severity.eq_ignore_ascii_case("error"))
        {
            return Err(format!(
                "test `{test}`: severity `{severity}` is not supported yet"
            ));
        }
        let kind = serde_json::from_value(json!({ test.as_str(): arguments }))
            .map_err(|error| format!("test `{test}`: {error}"))?;
        let column = common.column_name.or_else(|| column.map(str::to_owned));
        let column =
            column.ok_or_else(|| format!("test `{test}` needs a column_name when it stands at a table"))?;
        Ok(DataTest {
            kind,
            name: common.name,
            column,
            filter: common.r#where,
        })
    }

    /// Name and arguments, with `arguments:` and `config:` unfolded.
    fn flat(self) -> Result<(String, Map<String, Json>), String> {
        let (test, body) = match self {
            WrittenTest::Name(test) => return Ok((test, Map::new())),
            WrittenTest::WithArguments(map) if map.len() == 1 => map.into_iter().next().unwrap_or_default(),
            WrittenTest::WithArguments(map) => {
                let keys: Vec<&str> = map.keys().map(String::as_str).collect();
                return Err(format!(
                    "a test is one name with its arguments below; found {}",
                    keys.join(", ")
                ));
            }
        };
        let mut flat = Map::new();
        for (key, value) in as_map(&test, body)? {
            match key.as_str() {
                "arguments" | "config" => flat.extend(as_map(&test, value)?),
                _ => drop(flat.insert(key, value)),
            }
        }
        Ok((test, flat))
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

fn yes() -> bool {
    true
}
