//! What `config()` in a model, `config:` in a .yml file and `+key:` in `dbt_project.yml` can say.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::folders::Layer;

/// How a model is kept in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Materialization {
    /// A view, replaced only when its definition changes.
    View,
    /// A table, of which only the rows that differ are changed.
    Table,
    /// A table to which only what has changed since it was built last is added.
    Incremental,
    /// Nothing: its SQL stands in front of the SQL of the models that refer to it.
    Ephemeral,
    /// A table that holds the rows of a .csv file.
    #[serde(skip_deserializing)]
    Seed,
}

impl Materialization {
    /// Its name in dbt.
    pub(super) fn name(self) -> &'static str {
        match self {
            Materialization::View => "view",
            Materialization::Table => "table",
            Materialization::Incremental => "incremental",
            Materialization::Ephemeral => "ephemeral",
            Materialization::Seed => "seed",
        }
    }
}

/// How the rows of an incremental model come into its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Strategy {
    /// They are added.
    #[serde(rename = "append")]
    Append,
    /// Rows that stand under their keys go first. A key may have several rows.
    #[serde(rename = "delete+insert")]
    DeleteInsert,
    /// As `delete+insert`, of a key that has one row.
    #[serde(rename = "merge")]
    Merge,
}

/// What becomes of columns that an incremental model has and its table has not, or the other way round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OnSchemaChange {
    /// The table keeps the columns that it has.
    #[default]
    Ignore,
    /// Nothing is published.
    Fail,
    /// The table gains columns.
    AppendNewColumns,
    /// The table gains and loses columns.
    SyncAllColumns,
}

/// One model's configuration, as far as one place states it. A key that is not listed here is refused by name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Config {
    pub(super) materialized: Option<Materialization>,
    pub(super) schema: Option<String>,
    pub(super) alias: Option<String>,
    #[serde(deserialize_with = "one_or_many")]
    pub(super) unique_key: Option<Vec<String>>,
    pub(super) incremental_strategy: Option<Strategy>,
    pub(super) on_schema_change: Option<OnSchemaChange>,
    /// Whether the model may be built from the start: `false` keeps rows that nothing could bring back.
    pub(super) full_refresh: Option<bool>,
    pub(super) indexes: Option<Vec<Index>>,
    pub(super) persist_docs: Option<PersistDocs>,
    /// All places add theirs.
    #[serde(deserialize_with = "one_or_many")]
    pub(super) tags: Option<Vec<String>>,
    enabled: Option<bool>,
    pub(super) docs: Option<Docs>,
    /// Types of a seed's columns that its values do not tell.
    pub(super) column_types: Option<BTreeMap<String, String>>,
    /// What stands between a seed's columns.
    pub(super) delimiter: Option<String>,
    // Known, and without effect on the tables.
    #[serde(rename = "meta")]
    _meta: Option<IgnoredAny>,
}

/// Whether the model is shown in the documentation.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Docs {
    #[serde(default = "yes")]
    pub(super) show: bool,
    #[serde(rename = "node_color")]
    _node_color: Option<IgnoredAny>,
}

/// An index of a table, as in dbt-postgres.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Index {
    pub(super) columns: Vec<String>,
    #[serde(default)]
    pub(super) unique: bool,
    #[serde(default, rename = "type")]
    pub(super) method: IndexMethod,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum IndexMethod {
    #[default]
    Btree,
    Hash,
    Gin,
    Gist,
    Brin,
}

/// Whether descriptions become comments. dbt's default is no, ours is yes: only an explicit `false` turns it off.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersistDocs {
    #[serde(default = "yes")]
    pub(super) relation: bool,
    #[serde(default = "yes")]
    pub(super) columns: bool,
}

impl Index {
    /// For SQL templates: `columns`, `unique` and `type`.
    pub(super) fn value(&self) -> Value {
        context! { columns => self.columns.clone(), unique => self.unique, type => self.method.in_sql() }
    }
}

impl IndexMethod {
    pub(super) fn in_sql(self) -> &'static str {
        match self {
            IndexMethod::Btree => "btree",
            IndexMethod::Hash => "hash",
            IndexMethod::Gin => "gin",
            IndexMethod::Gist => "gist",
            IndexMethod::Brin => "brin",
        }
    }
}

impl Layer for Config {
    fn over(self, lower: Config) -> Config {
        Config {
            materialized: self.materialized.or(lower.materialized),
            schema: self.schema.or(lower.schema),
            alias: self.alias.or(lower.alias),
            unique_key: self.unique_key.or(lower.unique_key),
            incremental_strategy: self.incremental_strategy.or(lower.incremental_strategy),
            on_schema_change: self.on_schema_change.or(lower.on_schema_change),
            full_refresh: self.full_refresh.or(lower.full_refresh),
            indexes: self.indexes.or(lower.indexes),
            persist_docs: self.persist_docs.or(lower.persist_docs),
            tags: match (self.tags, lower.tags) {
                (Some(own), Some(lower)) => Some(merged(lower, own)),
                (own, lower) => own.or(lower),
            },
            enabled: self.enabled.or(lower.enabled),
            docs: self.docs.or(lower.docs),
            column_types: self.column_types.or(lower.column_types),
            delimiter: self.delimiter.or(lower.delimiter),
            ..Config::default()
        }
    }
}

impl Config {
    /// That of a seed, which is always a table of its rows.
    pub(super) fn of_seed(self) -> Config {
        Config {
            materialized: Some(Materialization::Seed),
            ..self
        }
    }

    /// Nothing but tags.
    pub(super) fn tagged(tags: Vec<String>) -> Config {
        Config {
            tags: Some(tags),
            ..Config::default()
        }
    }

    /// With `docs` where it says nothing of them itself.
    pub(super) fn or_docs(self, docs: Option<Docs>) -> Config {
        Config {
            docs: self.docs.or(docs),
            ..self
        }
    }

    /// dbt's default is `view`.
    pub(super) fn materialization(&self) -> Materialization {
        self.materialized.unwrap_or(Materialization::View)
    }

    /// The columns that identify a row: the first unique index, else `unique_key` where it has one row a key.
    pub(super) fn row_key(&self) -> Option<&[String]> {
        let unique = self.indexes.iter().flatten().find(|index| index.unique);
        let one_row_a_key =
            self.materialization() != Materialization::Incremental || self.strategy() == Strategy::Merge;
        let unique_key = || self.unique_key.as_ref().filter(|_| one_row_a_key);
        unique
            .map(|index| &index.columns)
            .or_else(unique_key)
            .map(Vec::as_slice)
    }

    /// The columns by which rows of an incremental model replace those that stand; none when they are only added.
    pub(super) fn replaced_by(&self) -> Option<&[String]> {
        match self.strategy() {
            Strategy::Append => None,
            Strategy::DeleteInsert | Strategy::Merge => self.unique_key.as_deref(),
        }
    }

    /// The first column by which rows replace those that stand, where an index leads to it.
    pub(super) fn replaced_by_index(&self) -> Option<&str> {
        let first = self.replaced_by()?.first()?;
        let mut indexes = self.indexes.iter().flatten();
        let leads = indexes.any(|index| index.columns.first() == Some(first));
        leads.then_some(first.as_str())
    }

    /// dbt-postgres's default is `delete+insert` with a `unique_key`, and `append` without.
    fn strategy(&self) -> Strategy {
        let default = match self.unique_key {
            Some(_) => Strategy::DeleteInsert,
            None => Strategy::Append,
        };
        self.incremental_strategy.unwrap_or(default)
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.enabled.unwrap_or(true)
    }

    /// Whether the documentation shows the model.
    pub(super) fn is_shown(&self) -> bool {
        self.docs.is_none_or(|docs| docs.show)
    }

    /// Whether the key has this value, as `config.KEY:VALUE` asks; `None` where a key cannot be asked for.
    pub(super) fn says(&self, key: &str, value: &str) -> Option<bool> {
        let is = |own: &Option<String>| own.as_deref() == Some(value);
        let any = |own: &Option<Vec<String>>| own.iter().flatten().any(|own| own == value);
        match key {
            "materialized" => Some(self.materialization().name() == value),
            "schema" => Some(is(&self.schema)),
            "alias" => Some(is(&self.alias)),
            "tags" => Some(any(&self.tags)),
            "unique_key" => Some(any(&self.unique_key)),
            "enabled" => Some(value.eq_ignore_ascii_case("true")),
            _ => None,
        }
    }

    pub(super) fn tags(&self) -> &[String] {
        self.tags.as_deref().unwrap_or_default()
    }

    pub(super) fn persist_docs(&self) -> PersistDocs {
        self.persist_docs.unwrap_or(PersistDocs {
            relation: true,
            columns: true,
        })
    }
}

fn yes() -> bool {
    true
}

fn merged(mut tags: Vec<String>, more: Vec<String>) -> Vec<String> {
    for tag in more {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

pub(super) fn one_or_many<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(
        Option::<OneOrMany>::deserialize(deserializer)?.map(|keys| match keys {
            OneOrMany::One(key) => vec![key],
            OneOrMany::Many(keys) => keys,
        }),
    )
}
