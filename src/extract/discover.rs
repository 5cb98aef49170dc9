//! Discovery: walk the list of new releases to its end.

use std::collections::HashSet;

use indicatif::ProgressBar;
use serde::Serialize;

use super::{Item, Quarantined};
use crate::spotify::{Access, Client, Endpoint, ListedAlbum, Page, SpotifyError};

/// What the list of new releases shows.
#[derive(Debug, Default, Serialize)]
pub struct Discovered {
    /// Where the list comes from.
    pub way: DiscoveryWay,
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
    /// Pages that were read.
    pub pages: u64,
    /// The rest of the list was left unread, so that the day's budget lasts for some albums.
    pub is_cut_short: bool,
}

/// Where new releases are found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscoveryWay {
    /// Spotify's own list.
    #[default]
    NewReleases,
    /// A search for albums of the last two weeks.
    Search,
}

impl DiscoveryWay {
    /// The way that is open, as far as is known. Where both are said to be closed, the first is asked anew.
    fn of(spotify: &Client) -> Self {
        let is_closed = |endpoint| spotify.access(endpoint) == Access::Closed;
        if is_closed(Endpoint::NewReleases) && !is_closed(Endpoint::Search) {
            Self::Search
        } else {
            Self::NewReleases
        }
    }

    pub(super) fn endpoint(self) -> Endpoint {
        match self {
            Self::NewReleases => Endpoint::NewReleases,
            Self::Search => Endpoint::Search,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::NewReleases => Self::Search,
            Self::Search => Self::NewReleases,
        }
    }

    async fn page(self, spotify: &Client, offset: u32) -> Result<Page<ListedAlbum>, SpotifyError> {
        match self {
            Self::NewReleases => spotify.new_releases(offset).await,
            Self::Search => spotify.search_new(offset).await,
        }
    }
}

/// Walks the list of new releases, in the way that this app may. Nothing new is no fault: the list stands still
/// for weeks at times. Of what a day's budget leaves it takes half at most.
///
/// # Errors
/// Any [`SpotifyError`]; [`SpotifyError::Forbidden`] when every way is closed.
pub async fn discover(spotify: &Client, bar: &ProgressBar) -> Result<Discovered, SpotifyError> {
    let way = DiscoveryWay::of(spotify);
    match walk(spotify, way, bar).await {
        Err(SpotifyError::Forbidden { .. }) => walk(spotify, way.other(), bar).await,
        found => found,
    }
}

async fn walk(spotify: &Client, way: DiscoveryWay, bar: &ProgressBar) -> Result<Discovered, SpotifyError> {
    let mut found = Discovered {
        way,
        ..Discovered::default()
    };
    let mut seen = HashSet::new();
    let mut next_offset = Some(0);
    let for_albums = spotify.look_up_calls_left().await?.map(|left| left / 2);
    while let Some(offset) = next_offset {
        // the first page is always worth its call
        let budget = for_albums.zip(spotify.calls_left());
        if offset > 0 && budget.is_some_and(|(kept, left)| left <= kept) {
            found.is_cut_short = true;
            break;
        }
        let page = way.page(spotify, offset).await?;
        found.pages += 1;
        // a page that starts no further than this one would be walked for ever
        next_offset = page.next_offset.filter(|next| *next > offset);
        found.add(page, &mut seen);
        bar.set_length(found.albums.len() as u64);
        bar.set_position(found.albums.len() as u64);
    }
    Ok(found)
}

impl Discovered {
    fn add(&mut self, page: Page<ListedAlbum>, seen: &mut HashSet<crate::domain::SpotifyId>) {
        for album in page.items {
            if seen.insert(album.id) {
                self.albums.push(album);
            } else {
                self.duplicates += 1;
            }
        }
        let endpoint = self.way.endpoint().as_str();
        let undecodable = page.undecodable.into_iter();
        self.quarantined
            .extend(undecodable.map(|item| Quarantined::undecodable(Item::Album, None, item, endpoint)));
        self.nulls += page.nulls;
    }
}
