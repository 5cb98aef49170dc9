//! Which call comes next, and what the day's budget has to say about it.

use std::collections::VecDeque;

use super::{Patience, Request, Room, Worklist};
use crate::domain::SpotifyId;
use crate::extract::ways::{AlbumsWay, DetailsWay, FeaturesWay};
use crate::spotify::Endpoint;

/// Tracks on a page of an album.
const PAGE: u64 = 50;
/// Tracks that an album is taken to have where the list did not say: a little more than the mean.
const TRACKS_OF_AN_ALBUM: u32 = 12;
/// No budget waits for an album with more: where the list states it, the list is wrong.
const MOST_TRACKS: u64 = 1000;
/// Calls to ReccoBeats under way at once; its limiter spaces them anyhow.
const RECCOBEATS_IN_FLIGHT: usize = 1;

/// What may be called now.
struct Turn {
    spotify: bool,
    reccobeats: bool,
    /// Endpoints of which nobody knows yet whether they are open, and that are being asked.
    being_tried: Vec<Endpoint>,
    calls_left: Option<u64>,
}

impl Worklist {
    /// The next call: what completes albums first, so that few stay incomplete at a time; a batch that is not
    /// full only when nothing more can join it. With a budget, no album is begun that it cannot complete.
    pub(in crate::extract) fn next_request(&mut self, room: &Room) -> Option<(Request, Patience)> {
        let turn = self.turn(room);
        let part_may_go = |part: &Request| turn.may_call(part.endpoint());
        let request = if self.again.front().is_some_and(part_may_go) {
            (self.again.pop_front()?, Patience::Spent)
        } else {
            (self.choose(&turn)?, Patience::Whole)
        };
        self.begin(&request.0);
        Some(request)
    }

    fn turn(&self, room: &Room) -> Turn {
        let in_flight: Vec<Endpoint> = self.under_way.iter().copied().flatten().collect();
        let to_reccobeats = self.under_way.len() - in_flight.len();
        Turn {
            spotify: in_flight.len() < room.in_flight,
            reccobeats: to_reccobeats < RECCOBEATS_IN_FLIGHT,
            // a call under way may be in there still; when the last of them ends, the rest is known exactly
            calls_left: room
                .calls_left
                .map(|left| left.saturating_sub(in_flight.len() as u64)),
            being_tried: in_flight
                .into_iter()
                .filter(|endpoint| room.unknown.contains(endpoint))
                .collect(),
        }
    }

    fn choose(&mut self, turn: &Turn) -> Option<Request> {
        if turn.may_call(Some(Endpoint::AlbumTracks))
            && let Some(page) = self.pages.pop_front()
        {
            return Some(page);
        }
        let albums = self.affordable_albums(turn.calls_left);
        let no_more = albums == 0 && self.bringing_tracks == 0 && self.again.is_empty();
        // both at the same pace, since an album needs both to be complete
        let of_tracks = if self.audio_features.len() > self.details.len() {
            self.choose_features(turn, no_more)
                .or_else(|| self.choose_details(turn, no_more))
        } else {
            self.choose_details(turn, no_more)
                .or_else(|| self.choose_features(turn, no_more))
        };
        of_tracks.or_else(|| self.choose_albums(turn, albums))
    }

    fn choose_albums(&mut self, turn: &Turn, number: usize) -> Option<Request> {
        let (endpoint, several) = match self.ways.albums {
            AlbumsWay::Several => (Endpoint::Albums, true),
            AlbumsWay::Single => (Endpoint::Album, false),
        };
        if number == 0 || !turn.may_call(Some(endpoint)) {
            return None;
        }
        if several {
            // one answer at a time: what the albums of several wait for would be paid for twice after a death
            let is_next = self.bringing_tracks == 0;
            return is_next.then(|| Request::Albums(self.albums.drain(..number).collect()));
        }
        self.albums.pop_front().map(Request::Album)
    }

    fn choose_details(&mut self, turn: &Turn, no_more: bool) -> Option<Request> {
        match self.ways.details {
            DetailsWay::Several if turn.may_call(Some(Endpoint::Tracks)) => {
                batch(&mut self.details, self.ways.details_per_call(), no_more).map(Request::Details)
            }
            DetailsWay::Single if turn.may_call(Some(Endpoint::Track)) => {
                self.details.pop_front().map(Request::Track)
            }
            _ => None,
        }
    }

    fn choose_features(&mut self, turn: &Turn, no_more: bool) -> Option<Request> {
        let size = self.ways.features_per_call();
        match self.ways.features {
            FeaturesWay::Spotify if turn.may_call(Some(Endpoint::AudioFeatures)) => {
                batch(&mut self.audio_features, size, no_more).map(Request::AudioFeatures)
            }
            FeaturesWay::ReccoBeats if turn.may_call(None) => {
                batch(&mut self.audio_features, size, no_more).map(Request::ReccoBeats)
            }
            _ => None,
        }
    }

    /// How many albums the next call may name: those that the budget can complete together with all that is
    /// begun.
    fn affordable_albums(&self, calls_left: Option<u64>) -> usize {
        let most = self.ways.albums_per_call().min(self.albums.len());
        match calls_left {
            None => most,
            Some(left) => (1..=most)
                .rev()
                .find(|number| self.calls_to_complete(*number) <= left)
                .unwrap_or(0),
        }
    }

    /// Calls to Spotify that complete all that is begun and the next `number` albums, by the numbers of tracks
    /// that the list stated.
    fn calls_to_complete(&self, number: usize) -> u64 {
        let next = self.albums.iter().take(number);
        let next: Vec<u64> = next.map(|id| self.stated_tracks(*id)).collect();
        let tracks = self.coming.values().chain(&next).sum::<u64>();
        let batches = |waiting: usize, size: usize| match size {
            0 => 0,
            size => (waiting as u64 + tracks).div_ceil(size as u64),
        };
        let features = match self.ways.features {
            FeaturesWay::Spotify => batches(self.audio_features.len(), self.ways.features_per_call()),
            _ => 0,
        };
        let details = batches(self.details.len(), self.ways.details_per_call());
        let albums = self.again.len() + usize::from(number > 0);
        albums as u64 + self.pages_to_come(&next) + details + features
    }

    /// Pages of albums beyond those that they embed, without those under way.
    fn pages_to_come(&self, next: &[u64]) -> u64 {
        let begun = self.coming.iter().map(|(album, tracks)| {
            let embedded = u64::from(!self.incomplete.contains_key(album));
            tracks.div_ceil(PAGE).saturating_sub(embedded)
        });
        let next = next.iter().map(|tracks| tracks.div_ceil(PAGE).saturating_sub(1));
        let is_page = |called: &&Option<Endpoint>| **called == Some(Endpoint::AlbumTracks);
        let under_way = self.under_way.iter().filter(is_page).count() as u64;
        begun.chain(next).sum::<u64>().saturating_sub(under_way)
    }

    /// Tracks that an album is expected to have.
    pub(in crate::extract) fn stated_tracks(&self, album: SpotifyId) -> u64 {
        let stated = self.stated.get(&album).copied().flatten();
        u64::from(stated.unwrap_or(TRACKS_OF_AN_ALBUM)).min(MOST_TRACKS)
    }
}

impl Turn {
    fn may_call(&self, endpoint: Option<Endpoint>) -> bool {
        endpoint.map_or(self.reccobeats, |endpoint| {
            self.spotify && self.calls_left != Some(0) && !self.being_tried.contains(&endpoint)
        })
    }
}

/// Up to `size` ids from the front, fewer only where `partly` says so.
fn batch(queue: &mut VecDeque<SpotifyId>, size: usize, partly: bool) -> Option<Vec<SpotifyId>> {
    let enough = queue.len() >= size || (partly && !queue.is_empty());
    enough.then(|| queue.drain(..size.min(queue.len())).collect())
}
