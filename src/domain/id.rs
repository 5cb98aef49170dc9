//! Spotify's ids.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const LENGTH: usize = 22;

/// The id of an album, track or artist: 22 base62 characters, case sensitive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpotifyId([u8; LENGTH]);

/// What was found where an id was expected.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a Spotify id of 22 letters and digits")]
pub struct InvalidId(String);

impl SpotifyId {
    /// The id as Spotify writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // the bytes were checked to be ASCII when the id was built
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for SpotifyId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId(text.chars().take(40).collect());
        let bytes: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| invalid())?;
        if bytes.iter().all(u8::is_ascii_alphanumeric) {
            Ok(Self(bytes))
        } else {
            Err(invalid())
        }
    }
}

impl fmt::Display for SpotifyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for SpotifyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for SpotifyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SpotifyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_22_base62_characters_are_an_id() {
        assert_eq!(
            "4aawyAB9vmqN3uQ7FjRGTy".parse::<SpotifyId>().unwrap().as_str(),
            "4aawyAB9vmqN3uQ7FjRGTy"
        );
        for wrong in [
            "",
            "4aawyAB9vmqN3uQ7FjRGT",
            "4aawyAB9vmqN3uQ7FjRGTy,",
            "4aawyAB9vmqN3uQ7FjRGT/",
            "é",
        ] {
            assert!(wrong.parse::<SpotifyId>().is_err(), "{wrong}");
        }
    }
}
