//! Discovery: walk the list of new releases to its end.

use std::collections::HashSet;

use indicatif::ProgressBar;
use serde::Serialize;

use super::{Item, Quarantined};
use crate::spotify::{Client, ListedAlbum, SpotifyError};

/// What the list of new releases shows.
#[derive(Debug, Default, Serialize)]
pub struct Discovered {
    /// Each album once, in the list's order.
    #[serde(skip)]
    pub albums: Vec<ListedAlbum>,
    /// Entries that cannot be used.
    #[serde(skip)]
    pub quarantined: Vec<Quarantined>,
    /// Entries that repeated an album seen before; the list may change between two pages.
    pub duplicates: usize,
    /// Entries that were null.
    pub nulls: usize,
}

/// Walks the list of new releases. Nothing new is no fault: the list stands still for weeks at times.
///
/// # Errors
/// Any [`SpotifyError`].
pub async fn discover(spotify: &Client, bar: &ProgressBar) -> Result<Discovered, SpotifyError> {
    let mut found = Discovered::default();
    let mut seen = HashSet::new();
    let mut next_offset = Some(0);
    while let Some(offset) = next_offset {
        let page = spotify.new_releases(offset).await?;
        for album in page.items {
            if seen.insert(album.id) {
                found.albums.push(album);
            } else {
                found.duplicates += 1;
            }
        }
        let undecodable = page.undecodable.into_iter();
        found
            .quarantined
            .extend(undecodable.map(|item| Quarantined::undecodable(Item::Album, None, item)));
        found.nulls += page.nulls;
        bar.set_length(found.albums.len() as u64);
        bar.set_position(found.albums.len() as u64);
        // a page that starts no further than this one would be walked for ever
        next_offset = page.next_offset.filter(|next| *next > offset);
    }
    Ok(found)
}
