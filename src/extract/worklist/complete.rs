//! What answers bring, and which albums they complete.

use super::{Incomplete, Pending, Request, Worklist};
use crate::domain::{Answer, SpotifyId};
use crate::extract::{Extracted, Item, Quarantined};
use crate::postgres::albums::Stored;
use crate::spotify::{Album, AlbumTrack, Page};

impl Worklist {
    pub(super) fn album_answered(&mut self, id: SpotifyId, answer: Answer<Album>, stored: &Stored) {
        let put_aside = match answer {
            Answer::Found(mut album) => {
                let page = std::mem::take(&mut album.tracks);
                album.fields.id = id;
                let album = Incomplete {
                    album,
                    tracks: Vec::new(),
                    quarantined: Vec::new(),
                    null_tracks: 0,
                    walked_to: None,
                    pages_missing: true,
                    tracks_missing: 0,
                };
                self.incomplete.insert(id, album);
                return self.add_tracks(id, page, stored);
            }
            Answer::Null => Quarantined::unknown(Item::Album, id, self.answering),
            Answer::Undecodable(item) => {
                Quarantined::undecodable(Item::Album, Some(id), item, self.answering)
            }
        };
        self.put_aside(put_aside);
    }

    pub(super) fn add_tracks(&mut self, album_id: SpotifyId, page: Page<AlbumTrack>, stored: &Stored) {
        let Some(album) = self.incomplete.get_mut(&album_id) else {
            return;
        };
        let undecodable = page.undecodable.into_iter();
        album.null_tracks += page.nulls;
        album.quarantined.extend(
            undecodable.map(|item| Quarantined::undecodable(Item::AlbumTrack, None, item, self.answering)),
        );
        for track in page.items {
            let id = track.fields.id;
            if album.tracks.iter().any(|known| known.fields.id == id) {
                continue;
            }
            album.tracks.push(track);
            if self.seen.insert(id) {
                let mut pending = Pending::default();
                if !stored.details.contains(&id) {
                    self.details.push_back(id);
                    pending.answers_missing += 1;
                }
                if !stored.audio_features.contains(&id) {
                    self.audio_features.push_back(id);
                    pending.answers_missing += 1;
                }
                self.tracks.insert(id, pending);
            }
            if let Some(pending) = self.tracks.get_mut(&id).filter(|track| track.answers_missing > 0) {
                pending.albums.push(album_id);
                album.tracks_missing += 1;
            }
        }
        let came = album.tracks.len() as u64;
        match page.next_offset.filter(|offset| Some(*offset) > album.walked_to) {
            Some(offset) => {
                let stated = self.stated.get(&album_id).copied().flatten().map_or(0, u64::from);
                // one more at least, whatever the list said
                self.coming.insert(album_id, stated.saturating_sub(came).max(1));
                album.walked_to = Some(offset);
                self.pages.push_back(Request::TrackPage {
                    album: album_id,
                    offset,
                });
            }
            None => {
                album.pages_missing = false;
                self.coming.remove(&album_id);
            }
        }
        self.finish_if_complete(album_id);
    }

    pub(super) fn track_answered(&mut self, id: SpotifyId, add: impl FnOnce(&mut Extracted)) {
        let Some(pending) = self.tracks.get_mut(&id) else {
            return add(self.alone.get_or_insert_default());
        };
        add(&mut pending.answered);
        pending.answers_missing -= 1;
        if pending.answers_missing > 0 {
            return;
        }
        for album_id in std::mem::take(&mut pending.albums) {
            if let Some(album) = self.incomplete.get_mut(&album_id) {
                album.tracks_missing -= 1;
            }
            self.finish_if_complete(album_id);
        }
    }

    /// An album that lacks nothing leaves the list together with the answers about its tracks, unless another
    /// album has taken those along before it.
    fn finish_if_complete(&mut self, id: SpotifyId) {
        let complete = |album: &Incomplete| !album.pages_missing && album.tracks_missing == 0;
        if !self.incomplete.get(&id).is_some_and(complete) {
            return;
        }
        let Some(album) = self.incomplete.remove(&id) else {
            return;
        };
        let mut extracted = Extracted {
            quarantined: album.quarantined,
            null_tracks: album.null_tracks as u64,
            ..Extracted::default()
        };
        for track in &album.tracks {
            if let Some(Pending { answered, .. }) = self.tracks.remove(&track.fields.id) {
                extracted.append(answered);
            }
        }
        extracted.album = Some(Box::new((album.album, album.tracks)));
        self.complete.push(extracted);
    }
}
