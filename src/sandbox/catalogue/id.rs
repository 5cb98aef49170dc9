//! Ids of 22 base62 digits.

use std::fmt;

use serde::{Serialize, Serializer};

use super::dice::hash;

const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LENGTH: usize = 22;

/// An id of an album, track or artist.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Id([u8; LENGTH]);

impl Id {
    /// None unless it is 22 base62 digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; LENGTH] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then_some(Self(bytes))
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// A number that only this id has, for what hangs on an id by chance.
    pub(crate) fn hash(&self) -> u64 {
        let value = self.value().unwrap_or_default();
        hash([(value >> 64) as u64, value as u64])
    }

    fn of(mut value: u128) -> Self {
        let mut digits = [b'0'; LENGTH];
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS.get((value % 62) as usize).copied().unwrap_or(b'0');
            value /= 62;
        }
        Self(digits)
    }

    fn value(&self) -> Option<u128> {
        self.0.iter().try_fold(0_u128, |value, digit| {
            let digit = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'z' => digit - b'a' + 10,
                _ => digit - b'A' + 36,
            };
            value.checked_mul(62)?.checked_add(u128::from(digit))
        })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What an id of the generated catalogue stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Album { number: u64 },
    Track { album: u64, place: u16 },
    Artist { number: u64 },
}

/// Turns meanings into ids that look like chance, and back without any table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    seed: u64,
}

/// Enough rounds of a Feistel network for ids that show no pattern.
const ROUNDS: u64 = 4;

impl Codec {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub(crate) fn encode(&self, meaning: Meaning) -> Id {
        let (kind, place, number) = match meaning {
            Meaning::Album { number } => (1, 0, number),
            Meaning::Track { album, place } => (2, u64::from(place), album),
            Meaning::Artist { number } => (3, 0, number),
        };
        let (mut left, mut right) = (kind << 56 | place, number);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ hash([self.seed, round, right]));
        }
        Id::of(u128::from(left) << 64 | u128::from(right))
    }

    /// None for an id that was never given out.
    pub(crate) fn decode(&self, id: Id) -> Option<Meaning> {
        let value = id.value()?;
        let (mut left, mut right) = ((value >> 64) as u64, value as u64);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ hash([self.seed, round, left]), left);
        }
        match (left >> 56, u16::try_from(left & 0x00ff_ffff_ffff_ffff).ok()?) {
            (1, 0) => Some(Meaning::Album { number: right }),
            (2, place) => Some(Meaning::Track { album: right, place }),
            (3, 0) => Some(Meaning::Artist { number: right }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_back_to_what_they_stand_for() {
        let codec = Codec::new(7);
        for number in [0, 1, 89_000_000, u64::MAX] {
            for meaning in [
                Meaning::Album { number },
                Meaning::Track {
                    album: number,
                    place: 65_535,
                },
                Meaning::Artist { number },
            ] {
                let id = codec.encode(meaning);
                assert_eq!(id.as_str().len(), 22);
                assert_eq!(codec.decode(id), Some(meaning));
                assert_eq!(Codec::new(8).decode(id), None);
            }
        }
    }

    #[test]
    fn ids_that_were_never_given_out_mean_nothing() {
        for text in [
            "0000000000000000000000",
            "ZZZZZZZZZZZZZZZZZZZZZZ",
            "6cI8Fq1iIqpuXovoGjgQap",
        ] {
            assert_eq!(Codec::new(1).decode(Id::parse(text).unwrap()), None);
        }
        assert_eq!(Id::parse("tooshort"), None);
        assert_eq!(Id::parse("6cI8Fq1iIqpuXovoGjgQa!"), None);
    }
}
