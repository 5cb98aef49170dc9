//! Each quirk shows on some objects and leaves the others alone.

use std::collections::HashSet;

use firstpress::sandbox::{Options, Quirk};
use serde_json::{Value, json};

use super::{Api, still, track_ids};

async fn api(quirk: Quirk) -> Api {
    Api::start(Options {
        quirks: vec![quirk],
        ..still()
    })
    .await
}

/// Asserts that one album in nine shows it, of the hundred that there are.
async fn assert_one_in_nine(quirk: Quirk, shows: impl Fn(&Value) -> bool) {
    let struck = api(quirk)
        .await
        .albums()
        .await
        .iter()
        .filter(|album| shows(album))
        .count();
    assert!((11..=12).contains(&struck), "{quirk:?} on {struck} albums");
}

async fn tracks(api: &Api) -> Vec<Value> {
    api.several("tracks", 50, &track_ids(&api.albums().await)).await
}

async fn features(api: &Api) -> Vec<Value> {
    api.several("audio-features", 100, &track_ids(&api.albums().await))
        .await
}

fn nulls(items: &[Value]) -> usize {
    items.iter().filter(|item| item.is_null()).count()
}

#[tokio::test]
async fn dates() {
    assert_one_in_nine(Quirk::Date0000, |album| album["release_date"] == "0000").await;
    assert_one_in_nine(Quirk::NullDate, |album| album["release_date"].is_null()).await;
}

#[tokio::test]
async fn names_and_types() {
    assert_one_in_nine(Quirk::EmptyName, |album| album["name"] == "").await;
    assert_one_in_nine(Quirk::NulCharacter, |album| {
        album["name"].as_str().unwrap().contains('\0')
    })
    .await;
    assert_one_in_nine(Quirk::NullType, |album| album["album_type"].is_null()).await;
    let upper = |album: &Value| {
        album["album_type"]
            .as_str()
            .unwrap()
            .starts_with(char::is_uppercase)
    };
    assert_one_in_nine(Quirk::UpperType, upper).await;
}

#[tokio::test]
async fn images_and_markets() {
    assert_one_in_nine(Quirk::EmptyImages, |album| album["images"] == json!([])).await;
    assert_one_in_nine(Quirk::MarketsEmpty, |album| {
        album["available_markets"] == json!([])
    })
    .await;
}

#[tokio::test]
async fn tracks_of_albums() {
    let total = |album: &Value| album["total_tracks"] != album["tracks"]["total"];
    assert_one_in_nine(Quirk::WrongTotalTracks, total).await;

    let api = Api::start(Options {
        tracks_per_album: Some(5),
        quirks: vec![Quirk::DuplicateTrackOnAlbum],
        ..still()
    });
    let albums = api.await.albums().await;
    let twice: Vec<&Value> = albums
        .iter()
        .filter(|album| album["total_tracks"] == json!(6))
        .collect();
    assert!((11..=12).contains(&twice.len()));
    assert!(
        twice
            .iter()
            .all(|album| track_ids(&[(*album).clone()]).len() == 5)
    );

    let albums = self::api(Quirk::UndecodableAlbum).await.albums().await;
    assert_eq!(
        albums.iter().filter(|album| album["tracks"].is_string()).count(),
        1
    );
}

#[tokio::test]
async fn nulls_in_pages() {
    let api = api(Quirk::NullItems).await;
    let list = api.new_releases().await;
    assert_eq!(list.len(), 100);
    assert!((11..=12).contains(&nulls(&list)), "{}", nulls(&list));
    let albums = api.albums().await;
    assert!(
        albums
            .iter()
            .any(|album| nulls(album["tracks"]["items"].as_array().unwrap()) > 0)
    );
}

#[tokio::test]
async fn nulls_in_arrays() {
    let api = api(Quirk::NullInArrays).await;
    let list = api.new_releases().await;
    assert_eq!(nulls(&list), 0);
    let albums = api.albums().await;
    assert!((11..=12).contains(&nulls(&albums)));
    let hidden = albums.iter().position(Value::is_null).unwrap();
    let id = list[hidden]["id"].as_str().unwrap();
    assert_eq!(api.json(&format!("/albums/{id}")).await["id"], id);

    let known: Vec<Value> = albums.into_iter().filter(|album| !album.is_null()).collect();
    let tracks = track_ids(&known);
    assert!(nulls(&api.several("tracks", 50, &tracks).await) > 10);
    assert!(nulls(&api.several("audio-features", 100, &tracks).await) > 30);
}

#[tokio::test]
async fn numbers_in_the_wrong_dress() {
    let track = tracks(&api(Quirk::FloatInts).await).await.remove(0);
    for number in [
        &track["popularity"],
        &track["duration_ms"],
        &track["album"]["images"][0]["width"],
    ] {
        assert!(number.is_f64(), "{number}");
    }
    let features = features(&api(Quirk::IntFloats).await).await;
    assert!(features.iter().any(|row| row["instrumentalness"] == json!(0)));
    assert!(
        features
            .iter()
            .filter(|row| !row.is_null())
            .all(|row| row["tempo"].is_i64())
    );
}

#[tokio::test]
async fn fields_that_are_gone() {
    let api = api(Quirk::RemovedFields).await;
    let album = api.albums().await.remove(0);
    let track = tracks(&api).await.remove(0);
    for gone in ["label", "popularity", "available_markets", "external_ids"] {
        assert_eq!((album.get(gone), track.get(gone)), (None, None), "{gone}");
    }
    let tracks = tracks(&self::api(Quirk::NoIsrc).await).await;
    let without = tracks
        .iter()
        .filter(|track| track["external_ids"] == json!({}))
        .count();
    assert!(
        without > 20 && without < tracks.len() / 5,
        "{without} of {}",
        tracks.len()
    );
}

#[tokio::test]
async fn odd_features() {
    let features = features(&api(Quirk::OddFeatures).await).await;
    let odd: Vec<&Value> = features.iter().filter(|row| row["key"] == json!(-1)).collect();
    assert!(odd.len() > 20);
    assert!(odd.iter().all(|row| row["tempo"] == json!(0.0)));
    let signatures: HashSet<i64> = odd
        .iter()
        .map(|row| row["time_signature"].as_i64().unwrap())
        .collect();
    assert_eq!(signatures, [0, 1].into());
}

#[tokio::test]
async fn pages_that_drift_and_links_with_a_locale() {
    let api = api(Quirk::TotalDrift).await;
    for (offset, total) in [(0, 100), (20, 101), (40, 102)] {
        let page = api
            .json(&format!("/browse/new-releases?limit=20&offset={offset}"))
            .await;
        assert_eq!(page["albums"]["total"], total);
    }
    assert_eq!(api.new_releases().await.len(), 100);

    let api = self::api(Quirk::Locale).await;
    let next = api.json("/browse/new-releases").await["albums"]["next"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(next.contains("&locale=en-GB%2C"), "{next}");
    assert_eq!(api.new_releases().await.len(), 100);
}
