//! What there is to serve: albums with their tracks and artists, generated or read from files.

pub(crate) mod dice;
pub(crate) mod id;
pub(crate) mod markets;
pub(crate) mod popularity;

mod composer;
mod generated;
mod names;
mod people;
mod real;
mod sound;

use std::borrow::Cow;
use std::sync::Arc;

use super::clock::Instant;
use super::options::Options;
use super::quirks::Quirks;
use generated::Generated;
use id::Id;
use popularity::Popularity;
use real::Real;

pub(crate) use sound::Features;

#[derive(Debug)]
pub(crate) enum Catalogue {
    Generated(Generated),
    Real(Real),
}

/// The new-releases list at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct List {
    /// Albums on it.
    pub(crate) total: usize,
    /// Number of the newest album, at position 0.
    newest: u64,
}

/// An album. Its number orders the catalogue; `None` is "unknown" and served as null.
#[derive(Clone, Debug)]
pub(crate) struct Album {
    pub(crate) number: u64,
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) album_type: Option<Cow<'static, str>>,
    /// The type that lists state, where it differs: `ep` for some singles.
    pub(crate) listed_type: Option<Cow<'static, str>>,
    pub(crate) total_tracks: usize,
    pub(crate) market_set: usize,
    pub(crate) has_markets: bool,
    pub(crate) has_images: bool,
    pub(crate) artists: Vec<Artist>,
    /// `2026`, `2026-11` or `2026-11-20`, as the precision says.
    pub(crate) release_date: Option<String>,
    pub(crate) precision: Option<&'static str>,
    pub(crate) label: Option<String>,
    pub(crate) upc: String,
    pub(crate) popularity: Popularity,
    pub(crate) tracks: Vec<Track>,
}

/// A track as it stands on an album.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) disc_number: u32,
    pub(crate) track_number: u32,
    pub(crate) artists: Vec<Artist>,
    pub(crate) duration_ms: u32,
    pub(crate) explicit: bool,
    pub(crate) isrc: Option<String>,
    pub(crate) popularity: Popularity,
    pub(crate) features: Features,
    /// Whether Spotify has analysed it; the features of others are served as null.
    pub(crate) is_analysed: bool,
}

/// An artist as albums and tracks name it.
#[derive(Clone, Debug)]
pub(crate) struct Artist {
    pub(crate) id: Id,
    pub(crate) name: Arc<str>,
}

/// What only the artist's own page tells.
#[derive(Clone, Debug)]
pub(crate) struct ArtistProfile {
    pub(crate) artist: Artist,
    pub(crate) followers: u32,
    pub(crate) popularity: u8,
    pub(crate) genres: Vec<&'static str>,
}

impl Catalogue {
    /// # Errors
    /// The files of a real catalogue cannot be read.
    pub(crate) fn open(options: &Options, quirks: Quirks, now: Instant) -> anyhow::Result<Self> {
        Ok(match &options.catalogue {
            Some(folder) => Catalogue::Real(Real::read(folder, options.albums, &quirks)?),
            None => Catalogue::Generated(Generated::new(options, quirks, now)),
        })
    }

    /// The list as it is now; it grows at the front.
    pub(crate) fn list(&self, now: Instant) -> List {
        match self {
            Catalogue::Generated(catalogue) => catalogue.list(now),
            Catalogue::Real(catalogue) => List {
                total: catalogue.listed(),
                newest: 0,
            },
        }
    }

    /// The album at a position of the list, newest first.
    pub(crate) fn listed(&self, list: List, position: usize) -> Option<Arc<Album>> {
        if position >= list.total {
            return None;
        }
        match self {
            Catalogue::Generated(catalogue) => list
                .newest
                .checked_sub(position as u64)
                .map(|number| catalogue.numbered(number)),
            Catalogue::Real(catalogue) => catalogue.at(position),
        }
    }

    /// All albums of the list, newest first.
    pub(crate) fn all_listed(&self, list: List) -> impl Iterator<Item = Arc<Album>> {
        (0..list.total).filter_map(move |position| self.listed(list, position))
    }

    /// Any released album, on the list or no longer on it.
    pub(crate) fn album(&self, id: Id, now: Instant) -> Option<Arc<Album>> {
        match self {
            Catalogue::Generated(catalogue) => catalogue.album(id, now),
            Catalogue::Real(catalogue) => catalogue.album(id),
        }
    }

    /// The album that a track was first released on, and the track's place there.
    pub(crate) fn track(&self, id: Id, now: Instant) -> Option<(Arc<Album>, usize)> {
        let album = match self {
            Catalogue::Generated(catalogue) => catalogue.home_of_track(id, now),
            Catalogue::Real(catalogue) => catalogue.home_of_track(id),
        }?;
        let place = album.tracks.iter().position(|track| track.id == id)?;
        Some((album, place))
    }

    pub(crate) fn artist(&self, id: Id) -> Option<ArtistProfile> {
        match self {
            Catalogue::Generated(catalogue) => catalogue.artist(id),
            Catalogue::Real(catalogue) => catalogue.artist(id),
        }
    }

    /// The day, counted from the Unix epoch, that counts as today for `tag:new`. Nothing in files of years past
    /// would be new, so of those it is the newest release date.
    pub(crate) fn today(&self, now: Instant) -> i64 {
        match self {
            Catalogue::Generated(_) => now.day(),
            Catalogue::Real(catalogue) => catalogue.newest_day(),
        }
    }

    /// Puts more albums on the list at once. False for a real catalogue: it has no more.
    pub(crate) fn release(&self, albums: u32) -> bool {
        match self {
            Catalogue::Generated(catalogue) => {
                catalogue.release(albums);
                true
            }
            Catalogue::Real(_) => false,
        }
    }
}
