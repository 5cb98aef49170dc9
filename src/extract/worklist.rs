//! What is still to be asked, and which albums are complete. Pure bookkeeping: ids are batched across albums up
//! to each endpoint's limit, and a track is asked about once, however many albums it is on.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{Extracted, Item, Quarantined, UNKNOWN_ID};
use crate::domain::SpotifyId;
use crate::postgres::albums::Stored;
use crate::spotify::{Album, AlbumTrack, Answer, AudioFeatures, Page, Track, ids_per_call};

/// A call to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Albums(Vec<SpotifyId>),
    TrackPage { album: SpotifyId, offset: u32 },
    Details(Vec<SpotifyId>),
    AudioFeatures(Vec<SpotifyId>),
}

/// How long to put up with failures of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    Whole,
    /// It was spent on the call that this one is a part of.
    Spent,
}

/// A call's answer. Album answers come with what the database has of their tracks.
pub(super) enum Reply {
    Albums(Vec<(SpotifyId, Answer<Album>)>, Stored),
    TrackPage(SpotifyId, Page<AlbumTrack>, Stored),
    Details(Vec<(SpotifyId, Answer<Track>)>),
    AudioFeatures(Vec<(SpotifyId, Answer<AudioFeatures>)>),
}

#[derive(Default)]
pub(super) struct Worklist {
    /// Calls that failed as a whole, in smaller parts.
    again: VecDeque<Request>,
    albums: VecDeque<SpotifyId>,
    pages: VecDeque<Request>,
    details: VecDeque<SpotifyId>,
    audio_features: VecDeque<SpotifyId>,
    /// Calls under way that may bring more tracks.
    bringing_tracks: usize,
    /// Albums of which something is still missing.
    incomplete: HashMap<SpotifyId, Incomplete>,
    /// Tracks about which something is to be answered, or was and no album has taken it along yet.
    tracks: HashMap<SpotifyId, Pending>,
    /// Every track that was ever put on the list.
    seen: HashSet<SpotifyId>,
    complete: Vec<Extracted>,
    /// Answers about tracks that no album waits for.
    alone: Option<Extracted>,
}

struct Incomplete {
    album: Album,
    tracks: Vec<AlbumTrack>,
    quarantined: Vec<Quarantined>,
    null_tracks: usize,
    /// Where the last page that was asked for starts. A page that leads no further would be walked for ever.
    walked_to: Option<u32>,
    pages_missing: bool,
    tracks_missing: usize,
}

/// A track on the way, and the albums that wait for it.
#[derive(Default)]
struct Pending {
    answers_missing: usize,
    answered: Extracted,
    albums: Vec<SpotifyId>,
}

impl Worklist {
    /// Albums to complete.
    pub(super) fn of_albums(albums: Vec<SpotifyId>) -> Self {
        Self {
            albums: albums.into(),
            ..Self::default()
        }
    }

    /// Tracks of stored albums to ask about again.
    pub(super) fn of_tracks(details: Vec<SpotifyId>, audio_features: Vec<SpotifyId>) -> Self {
        Self {
            details: details.into(),
            audio_features: audio_features.into(),
            ..Self::default()
        }
    }

    /// The next call: what completes albums first, so that few stay incomplete at a time; a batch that is not
    /// full only when nothing more can join it.
    pub(super) fn next_request(&mut self) -> Option<(Request, Patience)> {
        let part = self.again.pop_front().map(|part| (part, Patience::Spent));
        let request = part.or_else(|| self.choose().map(|request| (request, Patience::Whole)))?;
        if matches!(request.0, Request::Albums(_) | Request::TrackPage { .. }) {
            self.bringing_tracks += 1;
        }
        Some(request)
    }

    fn choose(&mut self) -> Option<Request> {
        if let Some(request) = self.pages.pop_front() {
            return Some(request);
        }
        let no_more = self.albums.is_empty() && self.bringing_tracks == 0;
        // both at the same pace, since an album needs both to be complete
        let of_tracks = if self.audio_features.len() > self.details.len() {
            self.choose_features(no_more)
                .or_else(|| self.choose_details(no_more))
        } else {
            self.choose_details(no_more)
                .or_else(|| self.choose_features(no_more))
        };
        of_tracks.or_else(|| batch(&mut self.albums, ids_per_call::ALBUMS, true).map(Request::Albums))
    }

    fn choose_details(&mut self, no_more: bool) -> Option<Request> {
        batch(&mut self.details, ids_per_call::TRACKS, no_more).map(Request::Details)
    }

    fn choose_features(&mut self, no_more: bool) -> Option<Request> {
        batch(&mut self.audio_features, ids_per_call::AUDIO_FEATURES, no_more).map(Request::AudioFeatures)
    }

    /// Albums that have become complete, and what has been put aside.
    pub(super) fn take_complete(&mut self) -> Vec<Extracted> {
        let mut complete = std::mem::take(&mut self.complete);
        complete.extend(self.alone.take());
        complete
    }

    pub(super) fn answered(&mut self, reply: Reply) {
        match reply {
            Reply::Albums(answers, stored) => {
                self.bringing_tracks -= 1;
                for (id, answer) in answers {
                    self.album_answered(id, answer, &stored);
                }
            }
            Reply::TrackPage(album, page, stored) => {
                self.bringing_tracks -= 1;
                self.add_tracks(album, page, &stored);
            }
            Reply::Details(answers) => {
                for (id, answer) in answers {
                    self.track_answered(id, |extracted| extracted.add_details(id, answer));
                }
            }
            Reply::AudioFeatures(answers) => {
                for (id, answer) in answers {
                    self.track_answered(id, |extracted| extracted.add_audio_features(id, answer));
                }
            }
        }
    }

    /// A call failed in a way that may lie with one of its ids: it is split in two, until the id is found and
    /// put aside.
    pub(super) fn failed(&mut self, request: Request, reason: &str) {
        match request {
            Request::Albums(ids) => {
                self.bringing_tracks -= 1;
                self.split(ids, Request::Albums, |work, id| work.give_up_album(id, reason));
            }
            Request::TrackPage { album, .. } => {
                self.bringing_tracks -= 1;
                self.give_up_album(album, reason);
            }
            Request::Details(ids) => self.split(ids, Request::Details, |work, id| {
                let gone = Quarantined::unanswered(Item::Track, id, reason);
                work.track_answered(id, |extracted| extracted.quarantined.push(gone));
            }),
            Request::AudioFeatures(ids) => self.split(ids, Request::AudioFeatures, |work, id| {
                work.track_answered(id, |extracted| {
                    extracted.audio_features.push((id, Err(reason.to_owned())))
                });
            }),
        }
    }

    fn split(
        &mut self,
        ids: Vec<SpotifyId>,
        request: fn(Vec<SpotifyId>) -> Request,
        give_up: impl Fn(&mut Self, SpotifyId),
    ) {
        if let [id] = ids[..] {
            return give_up(self, id);
        }
        let (left, right) = ids.split_at(ids.len() / 2);
        self.again
            .extend([left, right].map(|half| request(half.to_vec())));
    }

    fn album_answered(&mut self, id: SpotifyId, answer: Answer<Album>, stored: &Stored) {
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
            Answer::Null => Quarantined::unanswered(Item::Album, id, UNKNOWN_ID),
            Answer::Undecodable(item) => Quarantined::undecodable(Item::Album, Some(id), item),
        };
        self.put_aside(put_aside);
    }

    fn add_tracks(&mut self, album_id: SpotifyId, page: Page<AlbumTrack>, stored: &Stored) {
        let Some(album) = self.incomplete.get_mut(&album_id) else {
            return;
        };
        let undecodable = page.undecodable.into_iter();
        album.null_tracks += page.nulls;
        album
            .quarantined
            .extend(undecodable.map(|item| Quarantined::undecodable(Item::AlbumTrack, None, item)));
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
        match page.next_offset.filter(|offset| Some(*offset) > album.walked_to) {
            Some(offset) => {
                album.walked_to = Some(offset);
                self.pages.push_back(Request::TrackPage {
                    album: album_id,
                    offset,
                });
            }
            None => album.pages_missing = false,
        }
        self.finish_if_complete(album_id);
    }

    fn track_answered(&mut self, id: SpotifyId, add: impl FnOnce(&mut Extracted)) {
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

    fn give_up_album(&mut self, id: SpotifyId, reason: &str) {
        self.incomplete.remove(&id);
        self.put_aside(Quarantined::unanswered(Item::Album, id, reason));
    }

    fn put_aside(&mut self, item: Quarantined) {
        self.complete.push(Extracted {
            quarantined: vec![item],
            ..Extracted::default()
        });
    }
}

/// Up to `size` ids from the front, fewer only where `partly` says so.
fn batch(queue: &mut VecDeque<SpotifyId>, size: usize, partly: bool) -> Option<Vec<SpotifyId>> {
    let enough = queue.len() >= size || (partly && !queue.is_empty());
    enough.then(|| queue.drain(..size.min(queue.len())).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(kind: char, number: usize) -> SpotifyId {
        format!("{kind}{number:021}").parse().unwrap()
    }

    fn track(number: usize) -> AlbumTrack {
        let fields = serde_json::from_str(&format!(r#"{{"id":"{}"}}"#, id('t', number))).unwrap();
        AlbumTrack {
            fields,
            markets: None,
            json: String::new(),
        }
    }

    fn page(tracks: &[usize], offset: usize) -> Page<AlbumTrack> {
        let end = tracks.len().min(offset + 50);
        Page {
            items: tracks[offset..end].iter().copied().map(track).collect(),
            next_offset: (end < tracks.len()).then_some(u32::try_from(end).unwrap()),
            ..Page::default()
        }
    }

    fn album(number: usize, tracks: &[usize]) -> Answer<Album> {
        let fields = serde_json::from_str(&format!(r#"{{"id":"{}"}}"#, id('a', number))).unwrap();
        Answer::Found(Album {
            fields,
            markets: None,
            json: String::new(),
            tracks: page(tracks, 0),
        })
    }

    fn number(id: SpotifyId) -> usize {
        id.as_str()[1..].parse().unwrap()
    }

    fn reply(request: &Request, albums: &[Vec<usize>]) -> Reply {
        match request {
            Request::Albums(ids) => {
                let answers = ids
                    .iter()
                    .map(|id| (*id, album(number(*id), &albums[number(*id)])));
                Reply::Albums(answers.collect(), Stored::default())
            }
            Request::TrackPage { album, offset } => {
                let page = page(&albums[number(*album)], *offset as usize);
                Reply::TrackPage(*album, page, Stored::default())
            }
            Request::Details(ids) => Reply::Details(ids.iter().map(|id| (*id, Answer::Null)).collect()),
            Request::AudioFeatures(ids) => {
                Reply::AudioFeatures(ids.iter().map(|id| (*id, Answer::Null)).collect())
            }
        }
    }

    proptest! {
        /// Whatever albums share which tracks, and in whatever order the answers come: every album leaves the
        /// list once and complete, no track is asked about twice, and no call could have been spared.
        #[test]
        fn the_least_calls_complete_every_album_once(
            albums in prop::collection::vec(prop::collection::vec(0..400_usize, 0..120), 0..60),
            order in prop::collection::vec(any::<prop::sample::Index>(), 400),
        ) {
            let albums: Vec<Vec<usize>> = albums
                .into_iter()
                .map(|tracks| tracks.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect())
                .collect();
            let mut work = Worklist::of_albums((0..albums.len()).map(|number| id('a', number)).collect());
            let mut order = order.into_iter().cycle();
            let mut in_flight = Vec::new();
            let (mut calls, mut complete, mut answered) = ([0; 4], HashSet::new(), HashSet::new());
            loop {
                while in_flight.len() < 4 {
                    let Some((request, _)) = work.next_request() else { break };
                    calls[match request {
                        Request::Albums(_) => 0,
                        Request::TrackPage { .. } => 1,
                        Request::Details(_) => 2,
                        Request::AudioFeatures(_) => 3,
                    }] += 1;
                    in_flight.push(request);
                }
                if in_flight.is_empty() {
                    break;
                }
                let next = order.next().unwrap().index(in_flight.len());
                let request = in_flight.swap_remove(next);
                work.answered(reply(&request, &albums));
                for extracted in work.take_complete() {
                    answered.extend(extracted.audio_features.iter().map(|(track, _)| number(*track)));
                    let (album, tracks) = *extracted.album.unwrap();
                    let number_of_album = number(album.fields.id);
                    prop_assert!(complete.insert(number_of_album), "an album came twice");
                    prop_assert_eq!(tracks.len(), albums[number_of_album].len());
                    let unanswered = tracks.iter().find(|track| !answered.contains(&number(track.fields.id)));
                    prop_assert!(unanswered.is_none(), "an album came before the answers about its tracks");
                }
            }
            prop_assert_eq!(complete.len(), albums.len());
            let tracks = albums.iter().flatten().collect::<HashSet<_>>().len();
            let pages: usize = albums.iter().map(|tracks| tracks.len().div_ceil(50).saturating_sub(1)).sum();
            let least = [albums.len().div_ceil(20), pages, tracks.div_ceil(50), tracks.div_ceil(100)];
            prop_assert_eq!(calls, least);
        }
    }

    #[test]
    fn a_batch_that_fails_is_split_until_the_id_is_found_and_put_aside() {
        let mut work = Worklist::of_albums((0..20).map(|number| id('a', number)).collect());
        let albums: Vec<Vec<usize>> = (0..20).map(|number| vec![number]).collect();
        let broken = id('a', 13);
        let (mut complete, mut put_aside) = (0, Vec::new());
        while let Some((request, _)) = work.next_request() {
            match &request {
                Request::Albums(ids) if ids.contains(&broken) => work.failed(request, "500"),
                _ => work.answered(reply(&request, &albums)),
            }
            for extracted in work.take_complete() {
                let (with_album, items) = (extracted.album.is_some(), extracted.quarantined);
                complete += u32::from(with_album);
                put_aside.extend(items.into_iter().filter(|item| item.item == Item::Album));
            }
        }
        assert_eq!(complete, 19);
        assert_eq!(put_aside.len(), 1);
        assert_eq!(put_aside[0].id.as_deref(), Some(broken.as_str()));
    }

    #[test]
    fn a_page_of_tracks_that_leads_no_further_is_the_last() {
        let mut work = Worklist::of_albums(vec![id('a', 0)]);
        let (mut calls, mut complete) = (0, 0);
        while let Some((request, _)) = work.next_request() {
            calls += 1;
            assert!(calls < 20, "the walk goes on for ever");
            work.answered(match &request {
                Request::TrackPage { album, .. } => {
                    let again = Page {
                        next_offset: Some(50),
                        ..page(&[1], 0)
                    };
                    Reply::TrackPage(*album, again, Stored::default())
                }
                _ => reply(&request, &[(0..60).collect()]),
            });
            complete += work.take_complete().len();
        }
        assert_eq!(complete, 1);
    }
}
