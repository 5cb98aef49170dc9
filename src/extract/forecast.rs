//! The forecast: what a run would do, seen by letting its own worklists work off made-up answers.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

use super::ways::Ways;
use super::worklist::{Reply, Request, Room, Worklist};
use super::{Discovered, ExtractError, Source};
use crate::config::AudioFeaturesFrom;
use crate::domain::{Answer, SpotifyId};
use crate::postgres::albums::{self, PendingAlbum, Stored};
use crate::reccobeats;
use crate::spotify::{Access, Album, AlbumTrack, Endpoint, Page};

/// Tracks on a page of an album, also on the page that an album embeds.
const TRACKS_PER_PAGE: u32 = 50;

/// What a run that starts now would do.
#[derive(Debug, Default)]
pub struct Forecast {
    /// Albums of the list that are new.
    pub new_albums: u64,
    /// Albums that earlier runs discovered and did not load.
    pub left_by_earlier_runs: u64,
    /// Calls by endpoint, as `ops.api_calls` names it.
    pub calls: BTreeMap<&'static str, u64>,
    /// Calls that the day's budget leaves before the run; `None` without a budget.
    pub calls_left: Option<u64>,
    /// What the run gets done.
    pub done: Amounts,
    /// What waits after it: for calls to come free, or, of tracks that the run itself brings, for a later run.
    pub left: Amounts,
    /// Calls by endpoint where Spotify's audio features turn out to be closed to the app; `None` where the run does
    /// not ask for them or it is known.
    pub calls_if_features_are_closed: Option<BTreeMap<&'static str, u64>>,
}

/// Amounts of work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Amounts {
    /// Albums to load with all that belongs to them.
    pub albums: u64,
    /// Tracks to ask about audio features again.
    pub audio_features: u64,
    /// Tracks whose popularity is to be read.
    pub popularity: u64,
    /// Tracks whose ISRC is to be asked for, since only an album's list of tracks is known of them.
    pub isrcs: u64,
}

/// Forecasts a run after the list has been read. Nothing is asked and nothing written but for the look at what the
/// day's budget leaves.
///
/// The run does exactly this when no two new albums share tracks, when every number of tracks in the list is right,
/// and when every call is answered at once; tracks that are shared or stored already make it cheaper. An app of
/// which nothing is known is taken to have all rights and no budget until an answer says otherwise; the list's 403
/// says nearly all. Calls are made one at a time: with several under way, the last batches within a budget may be cut
/// in another way.
///
/// # Errors
/// When the database fails.
pub async fn look_ahead(
    source: &Source,
    discovered: &Discovered,
    window_days: u16,
) -> Result<Forecast, ExtractError> {
    let Source { spotify, db, .. } = source;
    let audio_features = match source.audio_features {
        AudioFeaturesFrom::Off => Vec::new(),
        _ => albums::audio_features_due(db).await?,
    };
    let popularity = albums::popularity_due(db, window_days).await?;
    // what is asked about for its popularity has an ISRC afterwards
    let read: HashSet<SpotifyId> = popularity.iter().copied().collect();
    let mut isrcs = albums::isrcs_due(db, Uuid::nil()).await?;
    isrcs.retain(|track| !read.contains(track));
    let to_do = ToDo {
        left: albums::pending(db).await?,
        new: albums::new_among(db, &discovered.albums).await?,
        learns_mode: spotify.may_be_in_either_mode(source.audio_features),
        learns_mode_if_closed: spotify.may_be_in_either_mode(AudioFeaturesFrom::Off),
        to_albums: Ways::to_albums(spotify, source.audio_features),
        to_tracks: Ways::to_tracks(spotify, source.audio_features),
        audio_features,
        popularity,
        isrcs,
    };
    let calls_left = spotify.look_up_calls_left().await?;
    let if_closed = (spotify.access(Endpoint::AudioFeatures) == Access::Unknown).then(|| {
        to_do
            .clone()
            .run(discovered, calls_left, Some(Endpoint::AudioFeatures))
    });
    Ok(Forecast {
        calls_if_features_are_closed: if_closed.filter(|run| run.was_refused).map(|run| run.calls),
        ..to_do.forecast(discovered, calls_left)
    })
}

/// What a run would find to do, and the ways in which it would.
#[derive(Clone)]
struct ToDo {
    left: Vec<PendingAlbum>,
    new: Vec<PendingAlbum>,
    learns_mode: bool,
    learns_mode_if_closed: bool,
    to_albums: Ways,
    to_tracks: Ways,
    audio_features: Vec<SpotifyId>,
    popularity: Vec<SpotifyId>,
    isrcs: Vec<SpotifyId>,
}

impl ToDo {
    fn forecast(self, discovered: &Discovered, calls_left: Option<u64>) -> Forecast {
        let (new, left) = (self.new.len() as u64, self.left.len() as u64);
        let all = Amounts {
            albums: new + left,
            audio_features: self.audio_features.len() as u64,
            popularity: self.popularity.len() as u64,
            isrcs: self.isrcs.len() as u64,
        };
        let run = self.run(discovered, calls_left, None);
        Forecast {
            new_albums: new,
            left_by_earlier_runs: left,
            left: Amounts {
                albums: all.albums - run.done.albums,
                audio_features: all.audio_features - run.done.audio_features,
                popularity: all.popularity - run.done.popularity,
                isrcs: all.isrcs - run.done.isrcs + run.listed_tracks,
            },
            calls: run.calls,
            calls_left,
            done: run.done,
            calls_if_features_are_closed: None,
        }
    }

    /// A run by an app to which one endpoint is closed, or none, without its knowing.
    fn run(self, discovered: &Discovered, calls_left: Option<u64>, closed: Option<Endpoint>) -> Simulation {
        let mut run = Simulation {
            calls_left,
            closed,
            ..Simulation::default()
        };
        run.call(Some(Endpoint::Token));
        self.simulate(&mut run, discovered);
        run
    }

    /// The run's order: with a budget discovery comes first, without one what was left. A run that is refused a
    /// call for which there is no other way ends.
    fn simulate(self, run: &mut Simulation, discovered: &Discovered) {
        let mut albums = self.left;
        if run.calls_left.is_none() {
            run.work_off(Worklist::of_albums(std::mem::take(&mut albums), self.to_albums));
        }
        if run.is_out_of_calls() {
            return;
        }
        let listed = run.discover(discovered);
        albums.extend(self.new.into_iter().filter(|album| listed.contains(&album.id)));
        if self.learns_mode {
            if run.is_out_of_calls() {
                return;
            }
            run.call(Some(Endpoint::SearchOverTen));
        }
        run.work_off(Worklist::of_albums(albums, run.past_what_refused(self.to_albums)));
        if run.was_refused && self.learns_mode_if_closed && !run.is_out_of_calls() {
            run.call(Some(Endpoint::SearchOverTen));
        }
        let ways = run.past_what_refused(self.to_tracks);
        run.done.audio_features = run.ask(Worklist::of_tracks(Vec::new(), self.audio_features, ways));
        run.done.popularity = run.ask(Worklist::of_tracks(self.popularity, Vec::new(), ways));
        run.done.isrcs = run.ask(Worklist::of_tracks(self.isrcs, Vec::new(), ways));
    }
}

/// A run that makes one call at a time and gets an answer to each.
#[derive(Default)]
struct Simulation {
    calls: BTreeMap<&'static str, u64>,
    calls_left: Option<u64>,
    done: Amounts,
    /// Tracks of which the run stores what their album's list says.
    listed_tracks: u64,
    /// Tracks made up so far. No two albums share one.
    made_up: u64,
    /// What answers 403, and whether it was asked.
    closed: Option<Endpoint>,
    was_refused: bool,
}

impl Simulation {
    fn call(&mut self, endpoint: Option<Endpoint>) {
        let name = endpoint.map_or(reccobeats::ENDPOINT, Endpoint::as_str);
        *self.calls.entry(name).or_default() += 1;
        let counts = endpoint.is_some_and(|endpoint| endpoint != Endpoint::Token);
        if let Some(left) = self.calls_left.as_mut().filter(|_| counts) {
            *left = left.saturating_sub(1);
        }
    }

    fn is_out_of_calls(&self) -> bool {
        self.calls_left == Some(0)
    }

    /// The ways that are left after what the run was refused.
    fn past_what_refused(&self, mut ways: Ways) -> Ways {
        if let Some(closed) = self.closed.filter(|_| self.was_refused) {
            ways.refused(closed);
        }
        ways
    }

    /// The albums that the run sees: it reads as many pages as are there, at the cost of half of the budget at
    /// most, but the first of them in any case. Pages are taken to be equally full.
    fn discover(&mut self, discovered: &Discovered) -> HashSet<SpotifyId> {
        let pages = match self.calls_left {
            Some(left) => discovered.pages.min(left - left / 2),
            None => discovered.pages,
        };
        (0..pages).for_each(|_| self.call(Some(discovered.way.endpoint())));
        let per_page = (discovered.albums.len() as u64).div_ceil(discovered.pages.max(1));
        let seen = usize::try_from(pages * per_page).unwrap_or(usize::MAX);
        discovered
            .albums
            .iter()
            .take(seen)
            .map(|album| album.id)
            .collect()
    }

    /// Returns about how many tracks the run asks.
    fn ask(&mut self, work: Worklist) -> u64 {
        let due = work.tracks_left();
        (due - self.work_off(work).tracks_left()) as u64
    }

    /// Returns what of the worklist is left.
    fn work_off(&mut self, mut work: Worklist) -> Worklist {
        loop {
            let room = Room {
                in_flight: 1,
                calls_left: self.calls_left,
                unknown: Vec::new(),
            };
            let Some((request, _)) = work.next_request(&room) else {
                return work;
            };
            self.call(request.endpoint());
            if let Some(closed) = self.closed.filter(|closed| request.endpoint() == Some(*closed)) {
                self.was_refused = true;
                work.refused(request, closed);
                continue;
            }
            let reply = self.answer(&request, &work);
            work.answered(&request, reply);
            for complete in work.take_complete() {
                self.done.albums += u64::from(complete.album.is_some());
                self.listed_tracks += complete.details.len() as u64;
            }
        }
    }

    fn answer(&mut self, request: &Request, work: &Worklist) -> Reply {
        match request {
            Request::Albums(_) | Request::Album(_) => {
                let mut answer = |id: &SpotifyId| (*id, self.album(*id, work.stated_tracks(*id)));
                Reply::Albums(
                    request.albums().iter().map(&mut answer).collect(),
                    Stored::default(),
                )
            }
            Request::TrackPage { album, offset } => {
                let page = self.page(work.stated_tracks(*album), *offset);
                Reply::TrackPage(*album, page, Stored::default())
            }
            Request::Details(ids) => Reply::Details(nothing_about(ids)),
            Request::Track(id) => Reply::Details(nothing_about(&[*id])),
            Request::AudioFeatures(ids) | Request::ReccoBeats(ids) => {
                Reply::AudioFeatures(nothing_about(ids))
            }
        }
    }

    fn album(&mut self, id: SpotifyId, tracks: u64) -> Answer<Album> {
        let made_up = |fields| {
            Answer::Found(Album {
                fields,
                markets: None,
                withheld: Vec::new(),
                json: String::new(),
                tracks: self.page(tracks, 0),
            })
        };
        fields(id.as_str()).map_or(Answer::Null, made_up)
    }

    /// The page that starts at `offset` of an album with so many tracks.
    fn page(&mut self, tracks: u64, offset: u32) -> Page<AlbumTrack> {
        let next_offset = offset + TRACKS_PER_PAGE;
        let on_page = tracks
            .saturating_sub(u64::from(offset))
            .min(u64::from(TRACKS_PER_PAGE));
        let first = self.made_up;
        self.made_up += on_page;
        let track = |number: u64| {
            Some(AlbumTrack {
                fields: fields(&format!("{number:022}"))?,
                markets: None,
                json: String::new(),
            })
        };
        Page {
            items: (first..self.made_up).filter_map(track).collect(),
            next_offset: Some(next_offset).filter(|next| u64::from(*next) < tracks),
            ..Page::default()
        }
    }
}

/// The typed part of an object of which only the id matters. An id of 22 digits or letters is always one.
fn fields<T: DeserializeOwned>(id: &str) -> Option<T> {
    serde_json::from_value(json!({ "id": id })).ok()
}

fn nothing_about<T>(ids: &[SpotifyId]) -> Vec<(SpotifyId, Answer<T>)> {
    ids.iter().map(|id| (*id, Answer::Null)).collect()
}
