//! JSON that no API should send, for the tests of those who decode answers.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

/// JSON as a text can have it: a key twice, a number of any size, half a surrogate pair.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    /// What stands there for null, a boolean, a number or a string.
    Literal(String),
    /// An array, or an object, whose members have names.
    Nested {
        is_object: bool,
        members: Vec<(String, Json)>,
    },
}

/// What becomes of a member of an array or an object.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Delete,
    Replace(Json),
    /// It stands there once more, with this value.
    Repeat(Json),
}

/// Names that decoders look for, so that arbitrary JSON gets past the first of them.
const NAMES: [&str; 18] = [
    "album",
    "albums",
    "artists",
    "audio_features",
    "available_markets",
    "content",
    "error",
    "external_ids",
    "href",
    "id",
    "items",
    "message",
    "name",
    "next",
    "offset",
    "popularity",
    "total",
    "tracks",
];

const ODD_LITERALS: [&str; 16] = [
    "null",
    "true",
    "0",
    "-1",
    "640.0",
    "4.9022656E7",
    "1e999",
    "-9223372036854775809",
    "340282366920938463463374607431768211456",
    "0.1e-999",
    r#""""#,
    r#""\u0000""#,
    r#""\ud83d""#,
    r#""\\\u0000é😀""#,
    r#""4aawyAB9vmqN3uQ7FjRGT,""#,
    r#""6rqhFgbbKwnb9MLmUQDhG6""#,
];

/// A value of any form.
pub(crate) fn json() -> impl Strategy<Value = Json> + Clone {
    let any_text = any::<String>().prop_map(|text| Value::from(text).to_string());
    let literal = prop_oneof![select(&ODD_LITERALS[..]).prop_map(str::to_owned), any_text];
    let name = prop_oneof![3 => select(&NAMES[..]).prop_map(str::to_owned), 1 => any::<String>()];
    literal
        .prop_map(Json::Literal)
        .prop_recursive(5, 60, 6, move |inner| {
            let members = prop::collection::vec((name.clone(), inner), 0..6);
            (any::<bool>(), members).prop_map(|(is_object, members)| Json::Nested { is_object, members })
        })
}

/// A change, and where it is made.
pub(crate) fn change() -> impl Strategy<Value = (Index, Change)> + Clone {
    let change = prop_oneof![
        1 => Just(Change::Delete),
        3 => json().prop_map(Change::Replace),
        1 => json().prop_map(Change::Repeat),
    ];
    (any::<Index>(), change)
}

impl Json {
    /// # Panics
    /// When it is no JSON.
    pub(crate) fn parse(text: &str) -> Self {
        Self::from(serde_json::from_str::<Value>(text).unwrap())
    }

    pub(crate) fn array(items: Vec<Json>) -> Self {
        Self::Nested {
            is_object: false,
            members: items.into_iter().map(|item| (String::new(), item)).collect(),
        }
    }

    /// What stands in an array or an object, in order.
    pub(crate) fn into_members(self) -> Vec<Json> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Nested { members, .. } => members.into_iter().map(|(_, member)| member).collect(),
        }
    }

    /// Makes a change to one of all its members, those of its members among them.
    pub(crate) fn change(&mut self, (place, change): &(Index, Change)) {
        let places = self.places();
        if places > 0 {
            self.change_at(place.index(places), change);
        }
    }

    fn places(&self) -> usize {
        match self {
            Self::Literal(_) => 0,
            Self::Nested { members, .. } => members.iter().map(|(_, member)| 1 + member.places()).sum(),
        }
    }

    fn change_at(&mut self, mut place: usize, change: &Change) {
        let Self::Nested { members, .. } = self else {
            return;
        };
        for at in 0..members.len() {
            if place == 0 {
                let name = members[at].0.clone();
                match change {
                    Change::Delete => drop(members.remove(at)),
                    Change::Replace(value) => members[at].1 = value.clone(),
                    Change::Repeat(value) => members.insert(at, (name, value.clone())),
                }
                return;
            }
            let below = members[at].1.places();
            if place <= below {
                return members[at].1.change_at(place - 1, change);
            }
            place -= 1 + below;
        }
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(items) => Self::array(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => Self::Nested {
                is_object: true,
                members: members
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect(),
            },
            literal => Self::Literal(literal.to_string()),
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (is_object, members) = match self {
            Self::Literal(text) => return formatter.write_str(text),
            Self::Nested { is_object, members } => (*is_object, members),
        };
        formatter.write_str(if is_object { "{" } else { "[" })?;
        for (at, (name, value)) in members.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match is_object {
                true => write!(formatter, "{comma}{}:{value}", Value::from(name.as_str()))?,
                false => write!(formatter, "{comma}{value}")?,
            }
        }
        formatter.write_str(if is_object { "}" } else { "]" })
    }
}
