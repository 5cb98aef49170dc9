//! What the address of a page asks for. Nothing in it can fail a page.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;
use url::form_urlencoded;

/// The filters in a page's address, `name=value`, and what is wrong with them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Query {
    /// What was asked for, as it was written. Empty values are left out.
    values: BTreeMap<String, String>,
    /// The same in the address's order, also those whose name stands there before.
    #[serde(skip)]
    all: Vec<(String, String)>,
    /// Values that cannot be used, by name: what to tell the reader.
    wrong: BTreeMap<String, String>,
}

impl Query {
    /// Takes apart the part of an address behind its question mark.
    #[must_use]
    pub fn new(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
        let pairs = pairs.map(|(name, value)| (name, value.trim().to_owned()));
        // Postgres's text cannot hold the character 0
        let all: Vec<_> = pairs
            .filter(|(_, value)| !value.is_empty() && !value.contains('\0'))
            .collect();
        Self {
            values: all.iter().cloned().collect(),
            all,
            wrong: BTreeMap::new(),
        }
    }

    /// Sets a value, such as a part of the address's path.
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// A value as it was written.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// All values of a name that may stand in the address more than once, in its order.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.all.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// A value as something else. One that is none is taken away, and the reader is told that it should be `expected`.
    pub fn parsed<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let text = self.text(name)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let told = format!("“{text}” is not {expected}, so this filter is left out");
            self.is_wrong(name, told);
        }
        parsed
    }

    /// Takes a value away and tells the reader why.
    pub fn is_wrong(&mut self, name: &str, told: impl Into<String>) {
        self.values.remove(name);
        self.wrong.insert(name.to_owned(), told.into());
    }

    /// The part of an address behind its question mark, with it; empty when nothing is asked for.
    #[must_use]
    pub fn address(&self) -> String {
        address("", self.values.iter())
    }

    /// The values by name, in the order of the names.
    pub(super) fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }
}

/// A path with a query of these pairs.
pub(super) fn address<N: AsRef<str>, V: AsRef<str>>(
    path: &str,
    pairs: impl IntoIterator<Item = (N, V)>,
) -> String {
    let mut pairs = pairs.into_iter().peekable();
    if pairs.peek().is_none() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
}
