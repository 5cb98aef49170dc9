//! How long what is stored is kept.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// What has a retention of its own, in the order in which it is purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Retained {
    /// Albums with all that hangs on them.
    Albums,
    /// Popularity readings, but for the latest of each track.
    TrackPopularity,
    /// Sightings of albums in lists, but for the latest of each album.
    ReleaseSightings,
    /// Items that could not be used, but for those that are kept from being asked for again.
    Quarantine,
    /// The objects as they were sent, beside the columns that were read from them.
    Json,
    /// The ledgers of runs, but for the latest.
    Runs,
    /// What the archive holds of a run.
    Archive,
}

impl Retained {
    const ALL: [Self; 7] = [
        Self::Albums,
        Self::TrackPopularity,
        Self::ReleaseSightings,
        Self::Quarantine,
        Self::Json,
        Self::Runs,
        Self::Archive,
    ];

    /// Its name in `RETENTION_DAYS`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Albums => "albums",
            Self::TrackPopularity => "track_popularity",
            Self::ReleaseSightings => "release_sightings",
            Self::Quarantine => "quarantine",
            Self::Json => "json",
            Self::Runs => "runs",
            Self::Archive => "archive",
        }
    }
}

/// How many days each is kept; what is not named is kept for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention(BTreeMap<Retained, u16>);

impl Retention {
    /// What has a retention, in the order in which it is purged, and its days.
    pub fn iter(&self) -> impl Iterator<Item = (Retained, u16)> + '_ {
        self.0.iter().map(|(retained, days)| (*retained, *days))
    }

    /// Days for which something is kept; `None` is for ever.
    #[must_use]
    pub fn days(&self, retained: Retained) -> Option<u16> {
        self.0.get(&retained).copied()
    }

    /// Whether everything is kept for ever.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A text that is no retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "names and days such as albums=365,json=30, each name once, of albums, track_popularity, release_sightings, \
     quarantine, json, runs and archive, and days from 1 to 36500"
)]
pub struct InvalidRetention;

impl FromStr for Retention {
    type Err = InvalidRetention;

    /// Reads `albums=365,json=30`; spaces may stand beside or instead of commas.
    fn from_str(text: &str) -> Result<Self, InvalidRetention> {
        let mut days = BTreeMap::new();
        let entries = text.split([',', ' ']).filter(|entry| !entry.is_empty());
        for entry in entries {
            let (name, number) = entry.split_once('=').ok_or(InvalidRetention)?;
            let retained = Retained::ALL.into_iter().find(|retained| retained.name() == name);
            let number = number.parse().ok().filter(|number| (1..=36_500).contains(number));
            let entry = retained.zip(number).ok_or(InvalidRetention)?;
            if days.insert(entry.0, entry.1).is_some() {
                return Err(InvalidRetention);
            }
        }
        Ok(Self(days))
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self
            .iter()
            .map(|(retained, days)| format!("{}={days}", retained.name()));
        formatter.write_str(&entries.collect::<Vec<_>>().join(","))
    }
}

impl Serialize for Retention {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_is_read_and_written_in_the_order_of_purging() {
        let read: Retention = "json=30, albums=365 runs=36500".parse().unwrap();
        assert_eq!(read.to_string(), "albums=365,json=30,runs=36500");
        assert_eq!(read.days(Retained::Json), Some(30));
        assert_eq!(read.days(Retained::Quarantine), None);
        assert!("".parse::<Retention>().unwrap().is_empty());
        for retained in Retained::ALL {
            let one = format!("{}=7", retained.name());
            assert_eq!(one.parse::<Retention>().unwrap().to_string(), one);
        }
    }

    #[test]
    fn a_name_that_is_not_known_twice_there_or_without_days_is_refused() {
        for wrong in [
            "365",
            "albums",
            "album=365",
            "albums=0",
            "albums=-1",
            "albums=40000",
            "albums=1,albums=2",
        ] {
            assert_eq!(wrong.parse::<Retention>(), Err(InvalidRetention), "{wrong}");
        }
    }
}
