//! A table's or view's place in the database.

use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

/// A table or view, or, without a schema, a common table expression. Shows as `"schema"."name"`; in templates it also has the attributes of a dbt relation.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Relation {
    pub(super) schema: String,
    pub(super) name: String,
}

impl Relation {
    /// A common table expression, written without quotes as dbt does.
    pub(super) fn cte(name: String) -> Relation {
        Relation {
            schema: String::new(),
            name,
        }
    }

    /// For SQL templates.
    pub(super) fn value(&self) -> Value {
        Value::from_object(self.clone())
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema.is_empty() {
            return write!(f, "{}", self.name);
        }
        write!(f, "{}.{}", quoted(&self.schema), quoted(&self.name))
    }
}

impl Object for Relation {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "schema" => Some(Value::from(self.schema.as_str())),
            "name" | "identifier" | "table" => Some(Value::from(self.name.as_str())),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["schema", "name", "identifier", "table"])
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `name` as a quoted SQL identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
