//! `q` of a search: free words and fields.

use std::sync::Arc;

use crate::sandbox::catalogue::{Album, Track};
use crate::sandbox::clock::day_of;

/// `tag:new` is what was released in the last two weeks.
const NEW_DAYS: i64 = 14;

/// What `q` asks for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Query {
    words: Vec<String>,
    fields: Vec<(String, String)>,
}

impl Query {
    /// Words and `field:value`; quotes hold a value of several words together.
    pub(super) fn parse(q: &str) -> Self {
        let mut query = Query::default();
        let mut rest = q.trim();
        while !rest.is_empty() {
            let (field, value) = match rest.split_once(':') {
                Some((field, value)) if field.chars().all(|letter| letter.is_ascii_lowercase()) => {
                    (field, value)
                }
                _ => ("", rest),
            };
            let (value, after) = match value.strip_prefix('"').and_then(|value| value.split_once('"')) {
                Some(quoted) => quoted,
                None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
            };
            match field {
                "" => query.words.push(value.to_lowercase()),
                _ => query.fields.push((field.to_owned(), value.to_lowercase())),
            }
            rest = after.trim_start();
        }
        query
    }

    pub(super) fn is_in_time(&self, album: &Album, today: i64) -> bool {
        let date = album.release_date.as_deref().unwrap_or_default();
        self.all("tag", |tag| match tag {
            "new" => day_of(date).is_some_and(|day| (today - NEW_DAYS..=today).contains(&day)),
            _ => true,
        }) && self.all("year", |years| {
            let (first, last) = years.split_once('-').unwrap_or((years, years));
            date.get(..4).is_some_and(|year| (first..=last).contains(&year))
        })
    }

    pub(super) fn matches_album(&self, album: &Album) -> bool {
        let name = album.name.to_lowercase();
        let by = |name: &str| {
            album
                .artists
                .iter()
                .any(|artist| artist.name.to_lowercase().contains(name))
        };
        self.all("album", |wanted| name.contains(wanted))
            && self.all("artist", by)
            && self.all("upc", |upc| {
                album.upc.trim_start_matches('0') == upc.trim_start_matches('0')
            })
            && self.all("isrc", |_| false)
            && self.words.iter().all(|word| name.contains(word) || by(word))
    }

    /// The album's tracks that match, each as its place there.
    pub(super) fn tracks_of(&self, album: &Arc<Album>) -> Vec<(Arc<Album>, usize)> {
        let places = album.tracks.iter().enumerate();
        let found = places.filter(|(_, track)| self.matches_track(album, track));
        found.map(|(place, _)| (Arc::clone(album), place)).collect()
    }

    fn matches_track(&self, album: &Album, track: &Track) -> bool {
        let name = track.name.to_lowercase();
        let by = |name: &str| {
            track
                .artists
                .iter()
                .any(|artist| artist.name.to_lowercase().contains(name))
        };
        self.all("isrc", |isrc| {
            track
                .isrc
                .as_deref()
                .is_some_and(|own| own.eq_ignore_ascii_case(isrc))
        }) && self.all("track", |wanted| name.contains(wanted))
            && self.all("album", |wanted| album.name.to_lowercase().contains(wanted))
            && self.all("artist", by)
            && self.words.iter().all(|word| name.contains(word) || by(word))
    }

    pub(super) fn matches_artist(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.all("artist", |wanted| name.contains(wanted))
            && self.words.iter().all(|word| name.contains(word))
    }

    fn all(&self, field: &str, holds: impl Fn(&str) -> bool) -> bool {
        self.fields
            .iter()
            .filter(|(name, _)| name == field)
            .all(|(_, value)| holds(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_words_and_fields() {
        let query = Query::parse("tag:new  Glass artist:\"Mara Reyes\" isrc:QZHN92600001 year:2025-2026");
        assert_eq!(query.words, ["glass"]);
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            query.fields,
            [
                field("tag", "new"),
                field("artist", "mara reyes"),
                field("isrc", "qzhn92600001"),
                field("year", "2025-2026"),
            ]
        );
    }
}
