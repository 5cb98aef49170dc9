//! The tables that are archived.

/// A table of which a run's rows are kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    /// Schema and name, as written in SQL.
    pub(super) name: &'static str,
    /// Its primary key.
    pub(super) key: &'static [&'static str],
}

impl Table {
    /// The folder of its files.
    pub(super) fn folder(&self) -> String {
        self.name.replace('.', "/")
    }
}

/// In the order in which they are loaded: albums make way for their tracks.
pub(super) const TABLES: [Table; 10] = [
    Table {
        name: "raw.market_sets",
        key: &["market_set_id"],
    },
    Table {
        name: "raw.albums",
        key: &["album_id"],
    },
    Table {
        name: "raw.album_tracks",
        key: &["album_id", "track_id"],
    },
    Table {
        name: "raw.track_details",
        key: &["track_id"],
    },
    Table {
        name: "raw.audio_features",
        key: &["track_id"],
    },
    Table {
        name: "raw.artists",
        key: &["artist_id"],
    },
    Table {
        name: "raw.track_popularity",
        key: &["track_id", "observed_on"],
    },
    Table {
        name: "raw.release_sightings",
        key: &["run_id", "album_id"],
    },
    Table {
        name: "raw.quarantine",
        key: &["item_type", "item_id"],
    },
    Table {
        name: "ops.album_ledger",
        key: &["album_id"],
    },
];
