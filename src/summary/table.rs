//! The summary as a person reads it on a terminal.

use std::fmt;

use comfy_table::Table;

use super::{FeatureSources, Summary, TopRelease};
use crate::table::table;

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(first) = self.top_releases.first() {
            writeln!(formatter, "\n{}", releases_heading(first))?;
            writeln!(formatter, "{}", self.top_releases_table())?;
        }
        if let Some(first) = self.features.first() {
            match &first.correlation_missing_reason {
                Some(reason) => writeln!(
                    formatter,
                    "\nNo correlation of features with popularity: {reason}"
                )?,
                None => writeln!(
                    formatter,
                    "\nFeatures that go most with popularity ({} tracks)\n{}",
                    first.n,
                    self.features_table()
                )?,
            }
        }
        if let Some(first) = self.artists.first() {
            let heading = first.mean_popularity.map_or(
                "How the new releases of the artists with the most tracks differ",
                |_| "How the most popular artists' new releases differ",
            );
            writeln!(formatter, "\n{heading}")?;
            writeln!(formatter, "{}", self.artists_table())?;
        }
        match &self.feature_sources {
            Some(sources) if sources.reccobeats > 0 => {
                writeln!(
                    formatter,
                    "\nTracks by the source of their audio features: {sources}"
                )
            }
            _ => Ok(()),
        }
    }
}

/// What the ranks mean: `popularity_coverage` is the week's.
fn releases_heading(first: &TopRelease) -> String {
    let week = first.release_week;
    match (
        first.popularity_coverage.as_str(),
        &first.popularity_missing_reason,
    ) {
        ("none", Some(reason)) => {
            let order = first.ranked_by.replace('_', " ");
            format!("Releases of the week of {week} by {order}: no popularity ({reason})")
        }
        ("some", _) => format!("Top releases of the week of {week}; those without popularity come last"),
        _ => format!("Top releases of the week of {week}"),
    }
}

impl fmt::Display for FeatureSources {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.spotify > 0 {
            write!(formatter, "{} from Spotify, ", self.spotify)?;
        }
        write!(formatter, "{} from ReccoBeats", self.reccobeats)?;
        if self.unknown > 0 {
            write!(formatter, ", {} unknown", self.unknown)?;
        }
        Ok(())
    }
}

impl Summary {
    fn top_releases_table(&self) -> Table {
        let mut table = table(&["#", "release", "by", "type", "popularity"], &[0, 4]);
        for release in &self.top_releases {
            table.add_row([
                release.rank.to_string(),
                shortened(release.album_name.as_deref()),
                shortened(release.artist_names.as_deref()),
                release.release_type.clone().unwrap_or_default(),
                release
                    .popularity
                    .map(|popularity| popularity.to_string())
                    .unwrap_or_default(),
            ]);
        }
        table
    }

    fn features_table(&self) -> Table {
        let mut table = table(&["feature", "Spearman", "95 % interval"], &[1]);
        let correlated = self.features.iter().filter(|feature| feature.spearman.is_some());
        for feature in correlated {
            let signed = |value: Option<f64>| value.map_or("?".to_owned(), |value| format!("{value:+.2}"));
            let interval = format!(
                "{} to {}",
                signed(feature.spearman_low),
                signed(feature.spearman_high)
            );
            table.add_row([feature.feature.clone(), signed(feature.spearman), interval]);
        }
        table
    }

    fn artists_table(&self) -> Table {
        let titles = [
            "artist",
            "tracks",
            "popularity",
            "danceability",
            "energy",
            "valence",
            "acousticness",
            "tempo",
        ];
        let mut table = table(&titles, &[1, 2, 3, 4, 5, 6, 7]);
        for artist in &self.artists {
            let number = |value: Option<f64>, digits: usize| {
                value.map_or("?".to_owned(), |value| format!("{value:.digits$}"))
            };
            table.add_row([
                shortened(artist.artist_name.as_deref()),
                artist.tracks.to_string(),
                artist
                    .mean_popularity
                    .map(|popularity| format!("{popularity:.0}"))
                    .unwrap_or_default(),
                number(artist.danceability, 2),
                number(artist.energy, 2),
                number(artist.valence, 2),
                number(artist.acousticness, 2),
                number(artist.tempo, 0),
            ]);
        }
        table
    }
}

fn shortened(text: Option<&str>) -> String {
    const LENGTH: usize = 40;
    let text = text.filter(|text| !text.is_empty()).unwrap_or("(no name)");
    if text.chars().count() <= LENGTH {
        return text.to_owned();
    }
    text.chars().take(LENGTH - 1).chain(['…']).collect()
}
