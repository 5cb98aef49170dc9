use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::config::AudioFeaturesFrom;
use crate::domain::Answer;
use crate::postgres::albums::Stored;
use crate::spotify::Page;

const FAILURE: Failure<'static> = Failure {
    reason: "500",
    may_pass: true,
};

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
        withheld: Vec::new(),
        json: String::new(),
        tracks: page(tracks, 0),
    })
}

fn number(id: SpotifyId) -> usize {
    id.as_str()[1..].parse().unwrap()
}

fn reply(request: &Request, albums: &[Vec<usize>]) -> Reply {
    let several = |ids: &[SpotifyId]| {
        let answer = |id: &SpotifyId| (*id, album(number(*id), &albums[number(*id)]));
        Reply::Albums(ids.iter().map(answer).collect(), Stored::default())
    };
    match request {
        Request::Albums(ids) => several(ids),
        Request::Album(id) => several(&[*id]),
        Request::TrackPage { album, offset } => {
            let page = page(&albums[number(*album)], *offset as usize);
            Reply::TrackPage(*album, page, Stored::default())
        }
        Request::Details(ids) => Reply::Details(ids.iter().map(|id| (*id, Answer::Null)).collect()),
        Request::Track(id) => Reply::Details(vec![(*id, Answer::Null)]),
        Request::AudioFeatures(ids) | Request::ReccoBeats(ids) => {
            Reply::AudioFeatures(ids.iter().map(|id| (*id, Answer::Null)).collect())
        }
    }
}

/// An app and the answers that it gets.
struct Api<'a> {
    albums: &'a [Vec<usize>],
    /// Which of the calls under way is answered next.
    order: &'a [prop::sample::Index],
    /// Endpoints that answer 403 from so many calls on.
    closed: HashMap<Endpoint, usize>,
    budget: Option<u64>,
}

/// What came of working a list off.
#[derive(Default)]
struct Outcome {
    calls: BTreeMap<&'static str, usize>,
    /// Calls to Spotify, those that were refused among them.
    spent: u64,
    /// Tracks about whose audio features there is an answer.
    answered: HashSet<usize>,
    /// Albums with the number of their tracks.
    complete: HashMap<usize, usize>,
    came_too_early: bool,
    came_twice: bool,
    left: usize,
}

impl Api<'_> {
    fn work_off(&self, mut work: Worklist) -> Outcome {
        let mut outcome = Outcome::default();
        let mut order = self.order.iter().cycle();
        let mut in_flight = Vec::new();
        loop {
            let room = |outcome: &Outcome| Room {
                in_flight: 4,
                calls_left: self.budget.map(|budget| budget - outcome.spent),
                unknown: Vec::new(),
            };
            while let Some((request, _)) = work.next_request(&room(&outcome)) {
                outcome.spent += u64::from(request.endpoint().is_some());
                in_flight.push(request);
            }
            if in_flight.is_empty() {
                outcome.left = work.albums_left();
                return outcome;
            }
            let next = order.next().unwrap().index(in_flight.len());
            let request = in_flight.swap_remove(next);
            let endpoint = request.endpoint();
            let name = endpoint.map_or("reccobeats", Endpoint::as_str);
            let asked = outcome.calls.entry(name).or_default();
            *asked += 1;
            if endpoint.is_some_and(|endpoint| self.closed.get(&endpoint).is_some_and(|from| *asked > *from))
            {
                assert!(work.refused(request, endpoint.unwrap()), "{name}");
            } else {
                work.answered(&request, reply(&request, self.albums));
            }
            outcome.take(work.take_complete());
        }
    }
}

impl Outcome {
    fn take(&mut self, complete: Vec<Extracted>) {
        for extracted in complete {
            let features = extracted.audio_features.iter();
            self.answered.extend(features.map(|(track, _)| number(*track)));
            let (album, tracks) = *extracted.album.unwrap();
            self.came_twice |= self
                .complete
                .insert(number(album.fields.id), tracks.len())
                .is_some();
            self.came_too_early |= tracks
                .iter()
                .any(|track| !self.answered.contains(&number(track.fields.id)));
        }
    }

    fn called(&self, endpoint: Endpoint) -> usize {
        self.calls.get(endpoint.as_str()).copied().unwrap_or_default()
    }
}

fn worklist(albums: &[Vec<usize>]) -> Worklist {
    let album = |(number, tracks): (usize, &Vec<usize>)| PendingAlbum {
        id: id('a', number),
        total_tracks: u32::try_from(tracks.len()).ok(),
    };
    let ways = Ways::new(AudioFeaturesFrom::Auto, DetailsWay::FromAlbum);
    Worklist::of_albums(albums.iter().enumerate().map(album).collect(), ways)
}

/// Albums with the numbers of their tracks; some share some.
fn any_albums() -> impl Strategy<Value = Vec<Vec<usize>>> {
    let tracks = prop::collection::btree_set(0..400_usize, 0..120);
    prop::collection::vec(tracks.prop_map(|tracks| tracks.into_iter().collect()), 0..60)
}

/// Albums that share no track.
fn distinct_albums() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(0..120_usize, 0..60).prop_map(|sizes| {
        let mut next = 0;
        let mut album = |size| {
            next += size;
            (next - size..next).collect()
        };
        sizes.into_iter().map(&mut album).collect()
    })
}

fn any_order() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop::collection::vec(any::<prop::sample::Index>(), 400)
}

fn pages(albums: &[Vec<usize>]) -> usize {
    albums
        .iter()
        .map(|tracks| tracks.len().div_ceil(50).saturating_sub(1))
        .sum()
}

proptest! {
    /// Whatever albums share which tracks, and in whatever order the answers come: every album leaves the
    /// list once and complete, no track is asked about twice, and no call could have been spared.
    #[test]
    fn the_least_calls_complete_every_album_once(albums in any_albums(), order in any_order()) {
        let api = Api { albums: &albums, order: &order, closed: HashMap::new(), budget: None };
        let outcome = api.work_off(worklist(&albums));
        prop_assert!(!outcome.came_twice && !outcome.came_too_early);
        prop_assert_eq!(outcome.complete.len(), albums.len());
        prop_assert!(outcome.complete.iter().all(|(album, tracks)| *tracks == albums[*album].len()));
        let tracks = albums.iter().flatten().collect::<HashSet<_>>().len();
        let least = [albums.len().div_ceil(20), pages(&albums), tracks.div_ceil(50), tracks.div_ceil(100)];
        let made = [Endpoint::Albums, Endpoint::AlbumTracks, Endpoint::Tracks, Endpoint::AudioFeatures];
        prop_assert_eq!(made.map(|endpoint| outcome.called(endpoint)), least);
    }

    /// The same when endpoints close at any moment: the next way is taken, and nothing is lost.
    #[test]
    fn whatever_closes_and_when_every_album_is_completed_once(
        albums in any_albums(),
        order in any_order(),
        closed in prop::collection::hash_map(
            prop::sample::select(vec![Endpoint::Albums, Endpoint::Tracks, Endpoint::AudioFeatures]), 0..5_usize, 0..4,
        ),
    ) {
        let closed_from_the_start = closed.len() == 3 && closed.values().all(|from| *from == 0);
        let api = Api { albums: &albums, order: &order, closed, budget: None };
        let outcome = api.work_off(worklist(&albums));
        prop_assert!(!outcome.came_twice && !outcome.came_too_early);
        prop_assert_eq!(outcome.complete.len(), albums.len());
        prop_assert!(outcome.complete.iter().all(|(album, tracks)| *tracks == albums[*album].len()));
        if closed_from_the_start {
            let tracks = albums.iter().flatten().collect::<HashSet<_>>().len();
            prop_assert_eq!(outcome.called(Endpoint::Album), albums.len());
            prop_assert_eq!(outcome.called(Endpoint::AlbumTracks), pages(&albums));
            prop_assert_eq!(outcome.calls.get("reccobeats").copied().unwrap_or(0), tracks.div_ceil(40));
        }
    }

    /// A budget is never passed, what it begins it completes, and it is not left unused while an album would fit.
    #[test]
    fn a_budget_completes_what_it_begins_and_leaves_no_album_that_would_fit(
        albums in distinct_albums(),
        order in any_order(),
        budget in 0..120_u64,
        single in any::<bool>(),
    ) {
        let closed = [Endpoint::Albums, Endpoint::Tracks, Endpoint::AudioFeatures];
        let mut work = worklist(&albums);
        for endpoint in closed.into_iter().filter(|_| single) {
            work.ways.refused(endpoint);
        }
        let api = Api { albums: &albums, order: &order, closed: HashMap::new(), budget: Some(budget) };
        let outcome = api.work_off(work);
        prop_assert!(outcome.spent <= budget);
        prop_assert!(!outcome.came_twice && !outcome.came_too_early);
        prop_assert_eq!(outcome.complete.len() + outcome.left, albums.len());
        let begun: usize = if single { outcome.called(Endpoint::Album) } else { outcome.complete.len() };
        prop_assert_eq!(begun, outcome.complete.len(), "an album was begun and not completed");
        // albums are taken in the order of the list: the first that is left is the next
        if let Some(next) = albums.get(outcome.complete.len()) {
            let of_tracks = if single { 0 } else { next.len().div_ceil(50) + next.len().div_ceil(100) };
            let cost = 1 + next.len().div_ceil(50).saturating_sub(1) + of_tracks;
            prop_assert!(budget - outcome.spent < cost as u64, "{} calls left, {cost} needed", budget - outcome.spent);
        }
        prop_assert!((0..outcome.complete.len()).all(|album| outcome.complete.contains_key(&album)), "oldest first");
    }
}

#[test]
fn an_endpoint_of_which_nobody_knows_is_asked_by_one_call_at_a_time() {
    let albums: Vec<Vec<usize>> = (0..60).map(|number| vec![number]).collect();
    let mut work = worklist(&albums);
    let room = |unknown: Vec<Endpoint>| Room {
        in_flight: 4,
        calls_left: None,
        unknown,
    };
    let (first, _) = work.next_request(&room(vec![Endpoint::Albums])).unwrap();
    assert!(work.refused(first, Endpoint::Albums));
    let (next, _) = work.next_request(&room(vec![Endpoint::Album])).unwrap();
    assert_eq!(next, Request::Album(id('a', 0)));
    assert!(work.next_request(&room(vec![Endpoint::Album])).is_none());
    assert!(work.next_request(&room(Vec::new())).is_some());
}

#[test]
fn reccobeats_is_left_alone_after_three_failures_and_no_album_waits_for_it() {
    let albums: Vec<Vec<usize>> = (0..20)
        .map(|album| (album * 10..album * 10 + 10).collect())
        .collect();
    let mut work = worklist(&albums);
    work.ways.refused(Endpoint::AudioFeatures);
    let room = Room {
        in_flight: 4,
        calls_left: None,
        unknown: Vec::new(),
    };
    let (mut outcome, mut failures) = (Outcome::default(), 0);
    while let Some((request, _)) = work.next_request(&room) {
        if let Request::ReccoBeats(_) = request {
            failures += 1;
            work.reccobeats_failed(&request, "503");
        } else {
            work.answered(&request, reply(&request, &albums));
        }
        outcome.take(work.take_complete());
    }
    assert_eq!((outcome.complete.len(), failures), (20, 3));
}

#[test]
fn a_batch_that_fails_is_split_until_the_id_is_found_and_put_aside() {
    let albums: Vec<Vec<usize>> = (0..20).map(|number| vec![number]).collect();
    let mut work = worklist(&albums);
    let room = Room {
        in_flight: 1,
        calls_left: None,
        unknown: Vec::new(),
    };
    let broken = id('a', 13);
    let (mut complete, mut put_aside) = (0, Vec::new());
    while let Some((request, _)) = work.next_request(&room) {
        match &request {
            Request::Albums(ids) if ids.contains(&broken) => {
                work.failed(request, FAILURE);
            }
            _ => work.answered(&request, reply(&request, &albums)),
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
    assert_eq!(put_aside[0].endpoint, "/albums");
    assert!(put_aside[0].may_pass);
}

#[test]
fn a_page_of_tracks_that_leads_no_further_is_the_last() {
    let albums = [(0..60).collect::<Vec<usize>>()];
    let mut work = worklist(&albums);
    let room = Room {
        in_flight: 1,
        calls_left: None,
        unknown: Vec::new(),
    };
    let (mut calls, mut complete) = (0, 0);
    while let Some((request, _)) = work.next_request(&room) {
        calls += 1;
        assert!(calls < 20, "the walk goes on for ever");
        let answer = match &request {
            Request::TrackPage { album, .. } => {
                let again = Page {
                    next_offset: Some(50),
                    ..page(&[1], 0)
                };
                Reply::TrackPage(*album, again, Stored::default())
            }
            _ => reply(&request, &albums),
        };
        work.answered(&request, answer);
        complete += work.take_complete().len();
    }
    assert_eq!(complete, 1);
}

#[test]
fn an_album_asked_for_alone_has_a_second_turn_after_the_others() {
    let albums: Vec<Vec<usize>> = (0..5).map(|number| vec![number]).collect();
    let mut work = worklist(&albums);
    work.ways.refused(Endpoint::Albums);
    let room = Room {
        in_flight: 1,
        calls_left: None,
        unknown: Vec::new(),
    };
    let (unlucky, broken) = (id('a', 1), id('a', 3));
    let (mut asked, mut complete, mut put_aside) = (Vec::new(), 0, Vec::new());
    while let Some((request, _)) = work.next_request(&room) {
        if let Request::Album(album) = request {
            asked.push(number(album));
            let was_asked = asked.iter().filter(|known| **known == number(album)).count() > 1;
            if album == broken || (album == unlucky && !was_asked) {
                work.failed(request, FAILURE);
            } else {
                work.answered(&request, reply(&request, &albums));
            }
        } else {
            work.answered(&request, reply(&request, &albums));
        }
        for extracted in work.take_complete() {
            complete += u32::from(extracted.album.is_some());
            let albums = extracted
                .quarantined
                .into_iter()
                .filter(|item| item.item == Item::Album);
            put_aside.extend(albums.filter_map(|item| item.id));
        }
    }
    assert_eq!(asked, [0, 1, 2, 3, 4, 1, 3]);
    assert_eq!((complete, put_aside), (4, vec![broken.to_string()]));
}

#[test]
fn reccobeats_that_refuses_every_call_is_left_alone_and_one_bad_id_is_cornered() {
    let albums: Vec<Vec<usize>> = (0..20)
        .map(|album| (album * 10..album * 10 + 10).collect())
        .collect();
    for (refused, refusals) in [(None, 8), (Some(id('t', 7)), 6)] {
        let mut work = worklist(&albums);
        work.ways.refused(Endpoint::AudioFeatures);
        let room = Room {
            in_flight: 4,
            calls_left: None,
            unknown: Vec::new(),
        };
        let (mut outcome, mut failures) = (Outcome::default(), 0);
        while let Some((request, _)) = work.next_request(&room) {
            match &request {
                Request::ReccoBeats(ids) if refused.is_none_or(|bad| ids.contains(&bad)) => {
                    failures += 1;
                    work.failed(request, FAILURE);
                }
                _ => work.answered(&request, reply(&request, &albums)),
            }
            outcome.take(work.take_complete());
        }
        assert_eq!(outcome.complete.len(), 20);
        assert!((refusals..=8).contains(&failures), "{failures} refusals");
    }
}
