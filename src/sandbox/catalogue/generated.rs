//! The generated catalogue: album number n goes on the list at the instant n × `release_every`.
//!
//! Whatever an album holds is a function of the seed and its number, so nothing needs to be stored: a
//! sandbox started anew, next week or on another machine, serves the same albums under the same ids.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::composer::Composer;
use super::id::{Codec, Id, Meaning};
use super::people::People;
use super::{Album, ArtistProfile, List};
use crate::sandbox::clock::{DAY_MS, Instant};
use crate::sandbox::options::Options;
use crate::sandbox::quirks::Quirks;

/// Length of the list that is asked to be the whole catalogue, which has no end.
const WHOLE: usize = 10_000;
/// Interval of a list that stands still: its albums still need dates.
const STILL_INTERVAL_MS: u64 = 20_000;
/// Albums kept on one half of the shelf.
const SHELF: usize = 4096;

#[derive(Debug)]
pub(crate) struct Generated {
    composer: Composer,
    quirks: Quirks,
    list_length: usize,
    /// The newest album of a list that stands still.
    still: Option<u64>,
    /// Albums released ahead of their time.
    ahead: AtomicU64,
    shelf: Mutex<Shelf>,
}

/// Albums composed lately. The elder half is dropped when the younger is full, which bounds the memory.
#[derive(Debug, Default)]
struct Shelf {
    younger: HashMap<u64, Arc<Album>>,
    elder: HashMap<u64, Arc<Album>>,
}

impl Generated {
    pub(crate) fn new(options: &Options, quirks: Quirks, now: Instant) -> Self {
        let interval_ms = (options.release_every * 1000.0) as u64;
        let midnight = (now.day() * DAY_MS) as u64;
        Self {
            composer: Composer {
                seed: options.seed,
                ids: Codec::new(options.seed),
                people: People::new(options.seed),
                tracks_per_album: options.tracks_per_album,
                interval_ms: if interval_ms == 0 {
                    STILL_INTERVAL_MS
                } else {
                    interval_ms
                },
            },
            quirks,
            list_length: if options.albums == 0 {
                WHOLE
            } else {
                options.albums
            },
            still: (interval_ms == 0).then_some(midnight / STILL_INTERVAL_MS),
            ahead: AtomicU64::new(0),
            shelf: Mutex::default(),
        }
    }

    pub(crate) fn list(&self, now: Instant) -> List {
        let newest = self.newest(now);
        List {
            total: self.list_length.min(newest.saturating_add(1) as usize),
            newest,
        }
    }

    pub(crate) fn release(&self, albums: u32) {
        self.ahead.fetch_add(u64::from(albums), Ordering::Relaxed);
    }

    pub(crate) fn album(&self, id: Id, now: Instant) -> Option<Arc<Album>> {
        match self.composer.ids.decode(id)? {
            Meaning::Album { number } if number <= self.newest(now) => Some(self.numbered(number)),
            _ => None,
        }
    }

    pub(crate) fn home_of_track(&self, id: Id, now: Instant) -> Option<Arc<Album>> {
        match self.composer.ids.decode(id)? {
            Meaning::Track { album, .. } if album <= self.newest(now) => Some(self.numbered(album)),
            _ => None,
        }
    }

    pub(crate) fn artist(&self, id: Id) -> Option<ArtistProfile> {
        match self.composer.ids.decode(id)? {
            Meaning::Artist { number } => self.composer.people.profile(number),
            _ => None,
        }
    }

    pub(crate) fn numbered(&self, number: u64) -> Arc<Album> {
        if let Some(album) = self.lock_shelf().take(number) {
            return album;
        }
        let mut album = self.composer.compose(number);
        self.quirks.bend(&mut album);
        let album = Arc::new(album);
        self.lock_shelf().put(Arc::clone(&album));
        album
    }

    fn newest(&self, now: Instant) -> u64 {
        let due = self
            .still
            .unwrap_or_else(|| now.0.max(0) as u64 / self.composer.interval_ms);
        due.saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    fn lock_shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn take(&mut self, number: u64) -> Option<Arc<Album>> {
        if let Some(album) = self.younger.get(&number) {
            return Some(Arc::clone(album));
        }
        let album = self.elder.remove(&number)?;
        self.put(Arc::clone(&album));
        Some(album)
    }

    fn put(&mut self, album: Arc<Album>) {
        if self.younger.len() == SHELF {
            self.elder = std::mem::take(&mut self.younger);
        }
        self.younger.insert(album.number, album);
    }
}
