//! Objects as they are kept.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::page::RawPage;
use crate::http::Key;

/// One object: its text without `available_markets` and `tracks`, and those two by themselves. The same cut is
/// made in the `album` of a track.
pub(super) struct Slim<'a> {
    pub(super) json: String,
    pub(super) keys: Vec<Key<'a>>,
    /// Those of the `album`.
    pub(super) album_keys: Option<Vec<Key<'a>>>,
    pub(super) markets: Option<&'a RawValue>,
    pub(super) tracks: Option<RawPage<'a>>,
}

impl<'de> Deserialize<'de> for Slim<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SlimVisitor)
    }
}

struct SlimVisitor;

impl<'de> Visitor<'de> for SlimVisitor {
    type Value = Slim<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Slim<'de>, M::Error> {
        let mut slim = Slim {
            json: String::with_capacity(1024),
            keys: Vec::with_capacity(24),
            album_keys: None,
            markets: None,
            tracks: None,
        };
        slim.json.push('{');
        while let Some(key) = members.next_key::<Key>()? {
            match &*key.0 {
                "available_markets" => slim.markets = members.next_value()?,
                "tracks" => slim.tracks = members.next_value()?,
                "album" => {
                    let album: Option<Slim> = members.next_value()?;
                    slim.push(&key.0, album.as_ref().map_or("null", |album| &album.json));
                    slim.album_keys = album.map(|album| album.keys);
                }
                _ => slim.push(&key.0, members.next_value::<&RawValue>()?.get()),
            }
            slim.keys.push(key);
        }
        slim.json.push('}');
        Ok(Slim {
            json: without_nul(slim.json),
            ..slim
        })
    }
}

impl Slim<'_> {
    /// Which of these fields the object does not have.
    pub(super) fn lacks(&self, fields: &[&'static str]) -> Vec<&'static str> {
        let lacks = |field: &&&str| !self.keys.iter().any(|key| key.0 == **field);
        fields.iter().filter(lacks).copied().collect()
    }

    fn push(&mut self, key: &str, value: &str) {
        if self.json.len() > 1 {
            self.json.push(',');
        }
        self.json.push_str(&serde_json::Value::from(key).to_string());
        self.json.push(':');
        self.json.push_str(value);
    }
}

/// JSON without the escape of NUL, which Postgres cannot cast to jsonb; the typed text loses it in the same way.
pub(super) fn without_nul(json: String) -> String {
    const NUL: &str = r"\u0000";
    if !json.contains(NUL) {
        return json;
    }
    // an escaped backslash before it makes u0000 plain letters
    let parts: Vec<String> = json
        .split(r"\\")
        .map(|part| part.replace(NUL, r"\ufffd"))
        .collect();
    parts.join(r"\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_json_can_be_cast_to_jsonb() {
        let json = r#"{"a":"x\u0000","b":"\\u0000","c":"\\\u0000"}"#.to_owned();
        assert_eq!(
            without_nul(json),
            r#"{"a":"x\ufffd","b":"\\u0000","c":"\\\ufffd"}"#
        );
    }
}
