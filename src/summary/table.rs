//! The summary as a person reads it on a terminal.

use std::fmt;

use comfy_table::Table;

use super::Summary;
use crate::table::table;

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(first) = self.top_releases.first() {
            writeln!(formatter, "\nTop releases of the week of {}", first.release_week)?;
            writeln!(formatter, "{}", self.top_releases_table())?;
        }
        if let Some(first) = self.features.first() {
            writeln!(
                formatter,
                "\nFeatures that go most with popularity ({} tracks)",
                first.n
            )?;
            writeln!(formatter, "{}", self.features_table())?;
        }
        if !self.artists.is_empty() {
            writeln!(formatter, "\nHow the most popular artists' new releases differ")?;
            writeln!(formatter, "{}", self.artists_table())?;
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
                    .map_or("withheld".to_owned(), |popularity| popularity.to_string()),
            ]);
        }
        table
    }

    fn features_table(&self) -> Table {
        let mut table = table(&["feature", "Spearman", "95 % interval"], &[1]);
        for feature in &self.features {
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
                number(artist.mean_popularity, 0),
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
