//! What the address of a page asks for. Nothing in it can fail a page.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use url::form_urlencoded;

use crate::domain;
use crate::explore::Search;

/// The filters in a page's address, `name=value`, and what is wrong with them.
#[derive(Debug, Clone, Serialize)]
pub struct Query {
    /// What was asked for, as it was written, in the order of the address. Empty values are left out. Templates see the
    /// last value of each name.
    #[serde(serialize_with = "last_of_each")]
    values: BTreeMap<String, Vec<String>>,
    /// Values that cannot be used, by name: what to tell the reader.
    wrong: BTreeMap<String, String>,
}

impl Query {
    /// Takes apart the part of an address behind its question mark.
    #[must_use]
    pub fn new(query: &str) -> Self {
        let mut asked = Self {
            values: BTreeMap::new(),
            wrong: BTreeMap::new(),
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            // Postgres's text cannot hold the character 0
            if !value.is_empty() && !value.contains('\0') {
                asked
                    .values
                    .entry(name.into_owned())
                    .or_default()
                    .push(value.to_owned());
            }
        }
        asked
    }

    /// Sets a value, such as a part of the address's path.
    pub fn set(&mut self, name: &str, value: &str) {
        if !value.contains('\0') {
            self.values.insert(name.to_owned(), vec![value.to_owned()]);
        }
    }

    /// A value as it was written; the last where there are several.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// All values of a name that may stand in the address more than once, in its order.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.get(name).into_iter().flatten().map(String::as_str)
    }

    /// A value as something else. One that is not `expected` is rejected.
    pub fn parsed<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let text = self.text(name)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let told = format!("“{text}” is not {expected}, so this filter is left out");
            self.reject(name, told);
        }
        parsed
    }

    /// A value as a day; one that is none is rejected.
    pub(super) fn date(&mut self, name: &str) -> Option<NaiveDate> {
        let text = self.text(name)?;
        let day = domain::day(text);
        if day.is_none() {
            let told = format!("“{text}” is not a date such as 2026-11-23, so this filter is left out");
            self.reject(name, told);
        }
        day
    }

    /// A name to look for; one that is longer than names are is rejected.
    pub(super) fn name(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?.to_owned();
        if text.chars().count() > Search::LONGEST_NAME {
            let told = format!("only {} characters are looked for", Search::LONGEST_NAME);
            self.reject(name, told);
            return None;
        }
        Some(text)
    }

    /// Takes a value away and tells the reader why.
    pub fn reject(&mut self, name: &str, told: impl Into<String>) {
        self.values.remove(name);
        self.wrong.insert(name.to_owned(), told.into());
    }

    /// The address of the same page with other values: a name without a value is taken away. `?` when nothing is asked
    /// for, since an empty address would be the page with its present query.
    pub(super) fn changed(&self, changes: impl IntoIterator<Item = (String, Option<String>)>) -> String {
        let mut values = self.values.clone();
        for (name, value) in changes {
            match value {
                Some(value) => values.insert(name, vec![value]),
                None => values.remove(&name),
            };
        }
        let pairs = values
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        match address("", pairs) {
            query if query.is_empty() => "?".to_owned(),
            query => query,
        }
    }
}

fn last_of_each<S: Serializer>(
    values: &BTreeMap<String, Vec<String>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(name, values)| (name, values.last())))
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
