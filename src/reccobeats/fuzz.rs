//! Answers that nobody should send. For ten minutes of it: `PROPTEST_CASES=100000 cargo test --lib fuzz`.

use proptest::prelude::*;
use proptest::sample::Index;

use super::read;
use crate::domain::{Answer, SpotifyId};
use crate::http::FieldRecorder;
use crate::http::malformed::{Json, change, json};

const IDS: [&str; 3] = [
    "4Ub8UsjWuewQrPhuepfVpd",
    "0TnOYISbd1XYRBk9myaseg",
    "6OmhkSOpvYBokMKQxpIGx2",
];

const ROW: &str = r#"{
    "id": "e159e9ce-da10-4edf-ab4c-a49e793a7dfc", "href": "https://open.spotify.com/track/ID",
    "isrc": "GBAAA1200795", "acousticness": 0.0755, "danceability": 0.679, "energy": 0.715,
    "instrumentalness": 0.0, "key": 9, "liveness": 0.271, "loudness": -6.383, "mode": 1, "speechiness": 0.0407,
    "tempo": 127.435, "valence": 0.571
}"#;

fn ids() -> Vec<SpotifyId> {
    IDS.map(|id| id.parse().unwrap()).to_vec()
}

fn rows() -> Vec<Json> {
    IDS.map(|id| Json::parse(&ROW.replace("ID", id))).to_vec()
}

fn body(rows: Vec<Json>) -> String {
    format!(r#"{{"content":{}}}"#, Json::array(rows))
}

/// The ids whose audio features are found.
fn found(body: &[u8]) -> serde_json::Result<Vec<SpotifyId>> {
    let answers = read(&ids(), body, &FieldRecorder::default())?.into_iter();
    let found = answers.filter(|(_, answer)| matches!(answer, Answer::Found(_)));
    Ok(found.map(|(id, _)| id).collect())
}

#[test]
fn the_answer_is_valid() {
    assert_eq!(found(body(rows()).as_bytes()).unwrap(), ids());
}

proptest! {
    #[test]
    fn no_bytes_end_the_run(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        _ = found(&bytes);
    }

    #[test]
    fn no_json_ends_the_run(json in json()) {
        _ = found(json.to_string().as_bytes());
    }

    #[test]
    fn no_change_to_an_answer_ends_the_run(
        changes in prop::collection::vec(change(), 1..5),
        cut in prop::option::of(any::<Index>()),
    ) {
        let mut answer = Json::parse(&body(rows()));
        changes.iter().for_each(|change| answer.change(change));
        let mut body = answer.to_string().into_bytes();
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len() + 1));
        }
        _ = found(&body);
    }

    #[test]
    fn rows_beside_one_that_was_changed_are_found(
        victim in 0..3_usize,
        changes in prop::collection::vec(change(), 1..5),
    ) {
        let mut rows = rows();
        let mut changed = Json::array(vec![rows[victim].clone()]);
        changes.iter().for_each(|change| changed.change(change));
        rows.splice(victim..=victim, changed.into_members());
        let body = body(rows);
        let found = found(body.as_bytes()).unwrap();
        for (at, id) in ids().iter().enumerate() {
            prop_assert!(at == victim || found.contains(id), "{id} is not found in {body}");
        }
    }
}
