//! What a search finds among the albums of the new-releases list, newest first.

mod query;

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::catalogue::{Album, ArtistProfile, Catalogue, List};
use query::Query;

/// No result beyond this one can be had.
pub(crate) const REACH: usize = 1000;
/// Searches whose hits are kept, for the pages that follow.
const KEPT: usize = 8;

/// What was searched, and when. The same search finds the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Search {
    pub(crate) q: String,
    /// `album`, `artist`, `track` and others.
    pub(crate) kinds: Vec<String>,
    pub(crate) list: List,
    /// The day up to which `tag:new` reaches, counted from the Unix epoch.
    pub(crate) today: i64,
}

/// What was found, before it is cut into pages: of each kind as many as can be had.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    pub(crate) albums: Vec<Arc<Album>>,
    pub(crate) artists: Vec<ArtistProfile>,
    /// Albums, and the place of a track there.
    pub(crate) tracks: Vec<(Arc<Album>, usize)>,
}

/// The last searches: without them every page would compose the whole catalogue anew.
#[derive(Debug, Default)]
pub(crate) struct Searches(Mutex<VecDeque<(Search, Arc<Hits>)>>);

impl Search {
    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.kinds.iter().any(|wanted| wanted == kind)
    }
}

impl Searches {
    pub(crate) fn find(&self, catalogue: &Catalogue, search: &Search) -> Arc<Hits> {
        let known = self.lock().iter().find(|(known, _)| known == search).cloned();
        if let Some((_, hits)) = known {
            return hits;
        }
        let hits = Arc::new(Hits::of(catalogue, search));
        let mut kept = self.lock();
        kept.truncate(KEPT - 1);
        kept.push_front((search.clone(), Arc::clone(&hits)));
        hits
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(Search, Arc<Hits>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hits {
    fn of(catalogue: &Catalogue, search: &Search) -> Self {
        let query = Query::parse(&search.q);
        let albums = || {
            let listed = catalogue.all_listed(search.list);
            listed.filter(|album| query.is_in_time(album, search.today))
        };
        let mut hits = Self::default();
        if search.wants("album") {
            let found = albums().filter(|album| query.matches_album(album));
            hits.albums = found.take(REACH).collect();
        }
        if search.wants("track") {
            let found = albums().flat_map(|album| query.tracks_of(&album));
            hits.tracks = found.take(REACH).collect();
        }
        if search.wants("artist") {
            let mut seen = HashSet::new();
            let artists = albums().flat_map(|album| album.artists.clone());
            let found = artists.filter(|artist| query.matches_artist(&artist.name) && seen.insert(artist.id));
            let profiles = found.filter_map(|artist| catalogue.artist(artist.id));
            hits.artists = profiles.take(REACH).collect();
        }
        hits
    }
}
