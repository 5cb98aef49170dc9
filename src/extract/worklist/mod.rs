//! What is still to be asked, and which albums are complete. Pure bookkeeping: ids are batched across albums up
//! to each endpoint's limit, and a track is asked about once, however many albums it is on.

mod choose;
mod complete;
mod request;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};

pub(super) use request::{Failure, Patience, Reply, Request, Room};

use super::ways::{DetailsWay, FeaturesWay, Ways};
use super::{AskAgain, Extracted, Item, Missing, Quarantined};
use crate::domain::SpotifyId;
use crate::postgres::albums::PendingAlbum;
use crate::reccobeats;
use crate::spotify::{Album, AlbumTrack, Endpoint};

/// Failures of ReccoBeats one after the other after which it is left alone.
const RECCOBEATS_FAILURES: u32 = 3;
/// Refusals of its one after the other that lie with itself and not with an id: to corner one id among forty
/// takes seven.
const RECCOBEATS_REFUSALS: u32 = 8;

pub(super) struct Worklist {
    ways: Ways,
    /// Calls that failed as a whole, in smaller parts.
    again: VecDeque<Request>,
    albums: VecDeque<SpotifyId>,
    /// Numbers of tracks that the list stated.
    stated: HashMap<SpotifyId, Option<u32>>,
    pages: VecDeque<Request>,
    details: VecDeque<SpotifyId>,
    audio_features: VecDeque<SpotifyId>,
    /// Endpoints of the calls under way; `None` is ReccoBeats.
    under_way: Vec<Option<Endpoint>>,
    /// Calls under way that may bring more tracks.
    bringing_tracks: usize,
    /// Tracks that are expected to come yet, of the albums that are begun.
    coming: HashMap<SpotifyId, u64>,
    /// Albums of which something is still missing.
    incomplete: HashMap<SpotifyId, Incomplete>,
    /// Tracks about which something is to be answered, or was and no album has taken it along yet.
    tracks: HashMap<SpotifyId, Pending>,
    /// Every track that was ever put on the list.
    seen: HashSet<SpotifyId>,
    complete: Vec<Extracted>,
    /// Answers about tracks that no album waits for.
    alone: Option<Extracted>,
    reccobeats_failures: u32,
    /// Albums and tracks asked for one by one that have failed once.
    doubted: HashSet<SpotifyId>,
    /// Endpoint of the answer that is being taken in.
    answering: &'static str,
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
    pub(super) fn of_albums(albums: Vec<PendingAlbum>, ways: Ways) -> Self {
        Self {
            albums: albums.iter().map(|album| album.id).collect(),
            stated: albums
                .into_iter()
                .map(|album| (album.id, album.total_tracks))
                .collect(),
            ..Self::empty(ways)
        }
    }

    /// Tracks of stored albums to ask about again.
    pub(super) fn of_tracks(details: Vec<SpotifyId>, audio_features: Vec<SpotifyId>, ways: Ways) -> Self {
        let mut work = Self {
            details: details.into(),
            audio_features: audio_features.into(),
            ..Self::empty(ways)
        };
        work.answer_what_needs_no_call();
        work
    }

    fn empty(ways: Ways) -> Self {
        Self {
            ways,
            again: VecDeque::new(),
            albums: VecDeque::new(),
            stated: HashMap::new(),
            pages: VecDeque::new(),
            details: VecDeque::new(),
            audio_features: VecDeque::new(),
            under_way: Vec::new(),
            bringing_tracks: 0,
            coming: HashMap::new(),
            incomplete: HashMap::new(),
            tracks: HashMap::new(),
            seen: HashSet::new(),
            complete: Vec::new(),
            alone: None,
            reccobeats_failures: 0,
            doubted: HashSet::new(),
            answering: "",
        }
    }

    /// Albums that are not complete, begun or not.
    pub(super) fn albums_left(&self) -> usize {
        self.albums.len() + self.incomplete.len()
    }

    /// Questions about tracks that no call has been made for.
    pub(super) fn tracks_left(&self) -> usize {
        self.details.len() + self.audio_features.len()
    }

    /// Albums that have become complete, and what has been put aside.
    pub(super) fn take_complete(&mut self) -> Vec<Extracted> {
        let mut complete = std::mem::take(&mut self.complete);
        complete.extend(self.alone.take());
        complete
    }

    fn begin(&mut self, request: &Request) {
        self.under_way.push(request.endpoint());
        self.bringing_tracks += usize::from(request.brings_tracks());
        for album in request.albums() {
            self.coming.insert(*album, self.stated_tracks(*album));
        }
    }

    /// The end of a call, whatever came of it.
    fn end(&mut self, request: &Request) {
        let called = self
            .under_way
            .iter()
            .position(|called| *called == request.endpoint());
        called.map(|called| self.under_way.swap_remove(called));
        self.bringing_tracks -= usize::from(request.brings_tracks());
        self.answering = request.endpoint().map_or(reccobeats::ENDPOINT, Endpoint::as_str);
    }

    pub(super) fn answered(&mut self, request: &Request, reply: Reply) {
        self.end(request);
        match reply {
            Reply::Albums(answers, stored) => {
                for (id, answer) in answers {
                    self.album_answered(id, answer, &stored);
                }
            }
            Reply::TrackPage(album, page, stored) => self.add_tracks(album, page, &stored),
            Reply::Details(answers) => {
                let endpoint = self.answering;
                for (id, answer) in answers {
                    self.track_answered(id, |extracted| extracted.add_details(id, answer, endpoint));
                }
            }
            Reply::AudioFeatures(answers) => {
                let endpoint = self.answering;
                self.reccobeats_failures = 0;
                for (id, answer) in answers {
                    self.track_answered(id, |extracted| {
                        extracted.add_audio_features(id, answer, endpoint);
                    });
                }
            }
        }
        self.answer_what_needs_no_call();
    }

    /// The endpoint is closed to this app: what was asked there is asked in the next way. Returns whether there
    /// is one.
    pub(super) fn refused(&mut self, request: Request, endpoint: Endpoint) -> bool {
        self.end(&request);
        if !self.ways.refused(endpoint) {
            return false;
        }
        let put_back = |queue: &mut VecDeque<SpotifyId>, ids: Vec<SpotifyId>| {
            ids.into_iter().rev().for_each(|id| queue.push_front(id));
        };
        for album in request.albums() {
            self.coming.remove(album);
        }
        match request {
            Request::Albums(ids) => put_back(&mut self.albums, ids),
            Request::Album(id) => self.albums.push_front(id),
            Request::TrackPage { .. } => self.pages.push_front(request),
            Request::Details(ids) => put_back(&mut self.details, ids),
            Request::Track(id) => self.details.push_front(id),
            Request::AudioFeatures(ids) | Request::ReccoBeats(ids) => put_back(&mut self.audio_features, ids),
        }
        self.answer_what_needs_no_call();
        true
    }

    /// A call failed in a way that may lie with one of its ids: it is split in two, until the id is found and
    /// put aside. One that is asked for alone has a second turn, after the others: by then it shows whether
    /// they fail too.
    pub(super) fn failed(&mut self, request: Request, why: Failure<'_>) {
        self.end(&request);
        match request {
            Request::Albums(ids) => self.split(ids, Request::Albums, |work, id| work.give_up_album(id, why)),
            Request::Album(id) if self.doubted.insert(id) => {
                self.coming.remove(&id);
                self.albums.push_back(id);
            }
            Request::TrackPage { album, .. } if self.doubted.insert(album) => self.pages.push_back(request),
            Request::Album(album) | Request::TrackPage { album, .. } => self.give_up_album(album, why),
            Request::Details(ids) => {
                self.split(ids, Request::Details, |work, id| work.give_up_track(id, why))
            }
            Request::Track(id) if self.doubted.insert(id) => self.details.push_back(id),
            Request::Track(id) => self.give_up_track(id, why),
            Request::AudioFeatures(ids) => self.split(ids, Request::AudioFeatures, |work, id| {
                work.without_features(&[id], why.reason, AskAgain::LaterEachTime);
            }),
            Request::ReccoBeats(ids) => {
                self.reccobeats_failures += 1;
                if self.reccobeats_failures >= RECCOBEATS_REFUSALS {
                    self.ways.without_reccobeats("ReccoBeats refused every call");
                }
                self.split(ids, Request::ReccoBeats, |work, id| {
                    work.without_features(&[id], why.reason, AskAgain::LaterEachTime);
                });
            }
        }
        self.answer_what_needs_no_call();
    }

    /// ReccoBeats failed in a way that lies with itself.
    pub(super) fn reccobeats_failed(&mut self, request: &Request, reason: &str) {
        self.end(request);
        if let Request::ReccoBeats(ids) = request {
            self.without_features(ids, reason, AskAgain::InAnHour);
        }
        self.reccobeats_failures += 1;
        if self.reccobeats_failures >= RECCOBEATS_FAILURES {
            self.ways.without_reccobeats("ReccoBeats did not answer");
        }
        self.answer_what_needs_no_call();
    }

    /// ReccoBeats asked for no more calls for longer than a run waits.
    pub(super) fn leave_reccobeats_alone(&mut self) {
        self.ways
            .without_reccobeats("ReccoBeats wants no call for longer than a run waits");
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
        for id in &ids {
            self.coming.remove(id);
        }
        let (left, right) = ids.split_at(ids.len() / 2);
        self.again
            .extend([left, right].map(|half| request(half.to_vec())));
    }

    /// Where a way leads past every API, what waits for one is answered here.
    fn answer_what_needs_no_call(&mut self) {
        match self.ways.details {
            DetailsWay::Several | DetailsWay::Single => {}
            DetailsWay::Nobody => self.details.clear(),
            DetailsWay::FromAlbum => {
                while let Some(id) = self.details.pop_front() {
                    let details = self.listed_on_its_album(id);
                    self.track_answered(id, |extracted| {
                        extracted.details.extend(details.map(|track| (id, track)))
                    });
                }
            }
        }
        if let FeaturesWay::Nobody(reason, ask_again) = self.ways.features {
            let mut waiting: Vec<SpotifyId> = self.audio_features.drain(..).collect();
            self.again.retain(|part| match part {
                Request::ReccoBeats(ids) => {
                    waiting.extend(ids);
                    false
                }
                _ => true,
            });
            self.without_features(&waiting, reason, ask_again);
        }
    }

    fn listed_on_its_album(&self, id: SpotifyId) -> Option<crate::spotify::Track> {
        let album_id = *self.tracks.get(&id)?.albums.first()?;
        let tracks = &self.incomplete.get(&album_id)?.tracks;
        let track = tracks.iter().find(|track| track.fields.id == id)?;
        Some(track.as_details(album_id))
    }

    fn without_features(&mut self, ids: &[SpotifyId], reason: &str, ask_again: AskAgain) {
        for id in ids {
            let missing = Missing {
                reason: reason.to_owned(),
                ask_again,
            };
            self.track_answered(*id, |extracted| {
                extracted.audio_features.push((*id, Err(missing)));
            });
        }
    }

    fn give_up_track(&mut self, id: SpotifyId, why: Failure<'_>) {
        let gone = Quarantined::failed(Item::Track, id, why, self.answering);
        self.track_answered(id, |extracted| extracted.quarantined.push(gone));
    }

    fn give_up_album(&mut self, id: SpotifyId, why: Failure<'_>) {
        self.incomplete.remove(&id);
        self.put_aside(Quarantined::failed(Item::Album, id, why, self.answering));
    }

    fn put_aside(&mut self, item: Quarantined) {
        if let Some(id) = item.id.as_deref().and_then(|id| id.parse().ok()) {
            self.coming.remove(&id);
        }
        self.complete.push(Extracted {
            quarantined: vec![item],
            ..Extracted::default()
        });
    }
}
