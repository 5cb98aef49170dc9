//! The fields that the objects in an API's answers have, noted so that a change of the API is noticed.

use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Objects of a kind have a few dozen sets of fields at most. Past this many the fields are data, not names, and
/// new sets are not noted.
const SETS_REMEMBERED: usize = 1000;
/// Fields of one object that are noted, and characters of a field's name.
const FIELDS_NOTED: usize = 200;
const NAME_LENGTH: usize = 100;

/// A kind of object in the answers of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// The endpoint, as `ops.api_calls` names it.
    pub endpoint: &'static str,
    /// What the object is: page, album, track, audio_features.
    pub object: &'static str,
}

/// A field that objects of a kind were met with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSeen {
    /// The kind of object.
    pub kind: Kind,
    /// The field's name, without NUL and at most 100 characters of it.
    pub field: String,
    /// How many objects had it.
    pub objects: u64,
    /// Whether every object of the kind had it.
    pub is_always_there: bool,
}

/// Notes the fields of objects. Names are touched only for a set of them that was not met before.
#[derive(Debug, Default)]
pub struct FieldRecorder {
    hashes: RandomState,
    sets: Mutex<HashMap<(Kind, u64), FieldSet>>,
}

/// The fields that some objects have, and the number of these objects.
#[derive(Debug)]
struct FieldSet {
    fields: Vec<String>,
    objects: u64,
}

impl FieldRecorder {
    /// An object with these fields was met.
    pub fn note(&self, kind: Kind, keys: &[Key<'_>]) {
        // a sum does not depend on the order, which varies
        let set = keys.iter().fold(0_u64, |sum, Key(name)| {
            sum.wrapping_add(self.hashes.hash_one(name.as_ref()))
        });
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = sets.get_mut(&(kind, set)) {
            known.objects += 1;
        } else if sets.len() < SETS_REMEMBERED {
            let fields = names(keys);
            sets.insert((kind, set), FieldSet { fields, objects: 1 });
        }
    }

    /// The object that is written in `json` was met. What is no object is not noted.
    pub fn note_json(&self, kind: Kind, json: &str) {
        if let Ok(Keys(keys)) = serde_json::from_str(json) {
            self.note(kind, &keys);
        }
    }

    /// Every field met until now.
    #[must_use]
    pub fn so_far(&self) -> Vec<FieldSeen> {
        let sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut objects: BTreeMap<Kind, u64> = BTreeMap::new();
        let mut objects_with: BTreeMap<(Kind, &str), u64> = BTreeMap::new();
        for ((kind, _), set) in &*sets {
            *objects.entry(*kind).or_default() += set.objects;
            for field in &set.fields {
                *objects_with.entry((*kind, field)).or_default() += set.objects;
            }
        }
        let seen = |((kind, field), with): ((Kind, &str), u64)| FieldSeen {
            kind,
            field: field.to_owned(),
            objects: with,
            is_always_there: objects.get(&kind) == Some(&with),
        };
        objects_with.into_iter().map(seen).collect()
    }
}

/// Each name once, and in a form that Postgres can hold and index.
fn names(keys: &[Key<'_>]) -> Vec<String> {
    let name = |Key(name): &Key<'_>| name.replace('\0', "\u{fffd}").chars().take(NAME_LENGTH).collect();
    let mut names: Vec<String> = keys.iter().take(FIELDS_NOTED).map(name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The name of a field, borrowed from the answer where no escape stands in it.
#[derive(Debug, Deserialize)]
pub struct Key<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// The names of an object's fields, in order.
struct Keys<'a>(Vec<Key<'a>>);

impl<'de> Deserialize<'de> for Keys<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeysVisitor;
        impl<'de> Visitor<'de> for KeysVisitor {
            type Value = Keys<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Keys<'de>, M::Error> {
                let mut keys = Vec::with_capacity(24);
                while let Some((key, IgnoredAny)) = members.next_entry()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(KeysVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALBUM: Kind = Kind {
        endpoint: "/albums",
        object: "album",
    };

    fn seen(objects: &[&str]) -> Vec<(String, bool)> {
        let recorder = FieldRecorder::default();
        objects.iter().for_each(|json| recorder.note_json(ALBUM, json));
        let seen = recorder.so_far().into_iter();
        seen.map(|seen| (seen.field, seen.is_always_there)).collect()
    }

    #[test]
    fn a_field_is_always_there_when_every_object_has_it_in_whatever_order() {
        let objects = [
            r#"{"id":1,"name":{"x":[]}}"#,
            r#"{"name":null,"i\u0064":2}"#,
            r#"{"id":3}"#,
        ];
        assert_eq!(
            seen(&objects),
            [("id".to_owned(), true), ("name".to_owned(), false)]
        );
    }

    #[test]
    fn kinds_of_objects_are_told_apart() {
        let recorder = FieldRecorder::default();
        let track = Kind {
            object: "track",
            ..ALBUM
        };
        recorder.note_json(ALBUM, r#"{"id":1}"#);
        recorder.note_json(track, r#"{"isrc":1}"#);
        assert!(recorder.so_far().iter().all(|seen| seen.is_always_there));
    }

    #[test]
    fn odd_names_and_objects_do_no_harm() {
        assert_eq!(seen(&["null", "[1]", "{", "{}"]), []);
        let twice = seen(&[r#"{"a\u0000":1,"a\u0000":2}"#]);
        assert_eq!(twice, [("a\u{fffd}".to_owned(), true)]);
        let long = format!(r#"{{"{}":1}}"#, "é".repeat(5000));
        assert_eq!(seen(&[&long])[0].0.chars().count(), NAME_LENGTH);
    }

    #[test]
    fn names_that_are_data_do_not_pile_up() {
        let objects: Vec<String> = (0..5000).map(|n| format!(r#"{{"album{n}":1}}"#)).collect();
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        assert_eq!(seen(&objects).len(), SETS_REMEMBERED);
    }
}
