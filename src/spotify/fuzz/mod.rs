//! Answers that nobody should send, to every decoder. For ten minutes of it:
//! `PROPTEST_CASES=100000 cargo test --lib fuzz`.

mod answers;

use oauth2::basic::BasicTokenResponse;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::value::RawValue;

use super::decode::Decoder;
use super::request::ErrorBody;
use super::{Endpoint, Page};
use crate::domain::{Answer, SpotifyId};
use crate::http::malformed::{Json, change, json};

const IDS: [&str; 3] = [
    "4aawyAB9vmqN3uQ7FjRGTy",
    "0TnOYISbd1XYRBk9myaseg",
    "6OmhkSOpvYBokMKQxpIGx2",
];

/// An answer with several objects: what they are, and what stands before and after them.
#[derive(Debug, Clone, Copy)]
struct Several {
    endpoint: Endpoint,
    object: &'static str,
    around: [&'static str; 2],
}

const PAGE_ENDS: &str = r#","next":null,"offset":0,"limit":50,"total":3,"href":"h","previous":null}"#;

const SEVERAL: [Several; 5] = [
    Several {
        endpoint: Endpoint::Search,
        object: answers::LISTED_ALBUM,
        around: [
            r#"{"albums":{"items":"#,
            r#","next":null,"offset":0,"limit":10,"total":3}}"#,
        ],
    },
    Several {
        endpoint: Endpoint::AlbumTracks,
        object: answers::ALBUM_TRACK,
        around: [r#"{"items":"#, PAGE_ENDS],
    },
    Several {
        endpoint: Endpoint::Albums,
        object: answers::ALBUM,
        around: [r#"{"albums":"#, "}"],
    },
    Several {
        endpoint: Endpoint::Tracks,
        object: answers::TRACK,
        around: [r#"{"tracks":"#, "}"],
    },
    Several {
        endpoint: Endpoint::AudioFeatures,
        object: answers::AUDIO_FEATURES,
        around: [r#"{"audio_features":"#, "}"],
    },
];

impl Several {
    /// The objects of the three ids.
    fn objects(self) -> [Json; 3] {
        IDS.map(|id| Json::parse(&self.object.replace("ID", id)))
    }

    fn body(self, objects: Vec<Json>) -> String {
        let [before, after] = self.around;
        format!("{before}{}{after}", Json::array(objects))
    }

    /// Which of the ids are found in a body.
    fn found(self, body: &str) -> Vec<SpotifyId> {
        let (decoder, body) = (Decoder::default(), body.as_bytes());
        match self.endpoint {
            Endpoint::AlbumTracks => {
                let page = decoder.album_tracks(body).unwrap();
                page.items.iter().map(|track| track.fields.id).collect()
            }
            Endpoint::Albums => found(decoder.albums(&ids(), body).unwrap()),
            Endpoint::Tracks => found(decoder.tracks(&ids(), body).unwrap()),
            Endpoint::AudioFeatures => found(decoder.audio_features(&ids(), body).unwrap()),
            endpoint => {
                let page = decoder.listed_albums(endpoint, body).unwrap();
                page.items.iter().map(|album| album.id).collect()
            }
        }
    }
}

fn ids() -> Vec<SpotifyId> {
    IDS.map(|id| id.parse().unwrap()).to_vec()
}

fn found<T>(answers: Vec<(SpotifyId, Answer<T>)>) -> Vec<SpotifyId> {
    let found = answers
        .into_iter()
        .filter(|(_, answer)| matches!(answer, Answer::Found(_)));
    found.map(|(id, _)| id).collect()
}

/// Valid answers of every kind.
fn answer() -> impl Strategy<Value = Json> {
    let single = [answers::ALBUM, answers::TRACK, answers::ERROR, answers::TOKEN];
    let several = SEVERAL.map(|several| several.body(several.objects().to_vec()));
    let answers = single.map(|object| object.replace("ID", IDS[0]));
    select([&answers[..], &several].concat()).prop_map(|answer| Json::parse(&answer))
}

/// Reads a body as the answer of every endpoint, and checks that what is kept of it can be stored.
fn read_every_way(body: &[u8]) {
    let decoder = Decoder::default();
    let (ids, mut kept) = (ids(), Vec::new());
    _ = decoder.listed_albums(Endpoint::NewReleases, body);
    let pages: Option<Page<_>> = decoder.album_tracks(body).ok();
    kept.extend(
        pages
            .into_iter()
            .flat_map(|page| page.items)
            .map(|track| track.json),
    );
    let albums = decoder
        .albums(&ids, body)
        .unwrap_or_default()
        .into_iter()
        .map(|(_, answer)| answer);
    for answer in albums.chain(decoder.album(body)) {
        if let Answer::Found(album) = answer {
            kept.extend(album.tracks.items.into_iter().map(|track| track.json));
            kept.push(album.json);
        }
    }
    let tracks = decoder
        .tracks(&ids, body)
        .unwrap_or_default()
        .into_iter()
        .map(|(_, answer)| answer);
    for answer in tracks.chain(decoder.track(body)) {
        if let Answer::Found(track) = answer {
            kept.push(track.json);
        }
    }
    for (_, answer) in decoder.audio_features(&ids, body).unwrap_or_default() {
        if let Answer::Found(features) = answer {
            kept.push(features.json);
        }
    }
    for json in kept {
        assert!(serde_json::from_str::<&RawValue>(&json).is_ok(), "{json}");
    }
    for seen in decoder.fields.so_far() {
        assert!(!seen.field.contains('\0'), "{seen:?}");
    }
    let ErrorBody { message, reason } = ErrorBody::read(body);
    for words in [message, reason].into_iter().flatten() {
        assert!(!words.contains('\0'), "{words:?}");
    }
    _ = serde_json::from_slice::<BasicTokenResponse>(body);
}

#[test]
fn the_answers_are_valid() {
    for several in SEVERAL {
        let body = several.body(several.objects().to_vec());
        assert_eq!(several.found(&body), ids(), "{:?}", several.endpoint);
    }
    for object in [answers::ALBUM, answers::TRACK] {
        read_every_way(object.replace("ID", IDS[0]).as_bytes());
    }
    let ErrorBody { message, reason } = ErrorBody::read(answers::ERROR.as_bytes());
    assert!(message.is_some() && reason.is_some());
    assert!(serde_json::from_str::<BasicTokenResponse>(answers::TOKEN).is_ok());
}

proptest! {
    #[test]
    fn no_bytes_end_the_run(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        read_every_way(&bytes);
    }

    #[test]
    fn no_json_ends_the_run(json in json()) {
        read_every_way(json.to_string().as_bytes());
    }

    #[test]
    fn no_change_to_an_answer_ends_the_run(
        mut answer in answer(),
        changes in prop::collection::vec(change(), 1..5),
        cut in prop::option::of(any::<Index>()),
    ) {
        changes.iter().for_each(|change| answer.change(change));
        let mut body = answer.to_string().into_bytes();
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len() + 1));
        }
        read_every_way(&body);
    }

    #[test]
    fn objects_beside_one_that_was_changed_are_found(
        several in select(&SEVERAL[..]),
        victim in 0..3_usize,
        changes in prop::collection::vec(change(), 1..5),
    ) {
        let mut changed = Json::array(vec![several.objects()[victim].clone()]);
        changes.iter().for_each(|change| changed.change(change));
        let mut objects = several.objects().to_vec();
        objects.splice(victim..=victim, changed.into_members());
        let body = several.body(objects);
        let found = several.found(&body);
        for (at, id) in ids().iter().enumerate() {
            prop_assert!(at == victim || found.contains(id), "{id} is not found in {body}");
        }
    }
}
