//! Search: what it finds, and how its pages end.

use std::collections::HashSet;
use std::path::Path;

use firstpress::sandbox::{Options, Profile};
use reqwest::Method;
use serde_json::Value;

use super::{Api, ids, keys, still, track_ids};

#[tokio::test]
async fn search_by_tag_finds_the_last_two_weeks() {
    let api = Api::still().await;
    let today = chrono::Utc::now().date_naive();
    let is_new = |album: &Value| {
        let date = album["release_date"]
            .as_str()
            .unwrap()
            .parse::<chrono::NaiveDate>();
        date.is_ok_and(|date| (0..=14).contains(&(today - date).num_days()))
    };
    let mut expected = api.new_releases().await;
    expected.retain(is_new);
    let found = api.walk("/search?q=tag:new&type=album&limit=10", "albums").await;
    assert!(expected.len() > 20);
    assert_eq!(ids(&found), ids(&expected));
    let page = api.json("/search?q=tag:new&type=album&limit=10").await;
    let next = page["albums"]["next"].as_str().unwrap();
    assert!(
        next.ends_with("/search?offset=10&limit=10&query=tag%3Anew&type=album"),
        "{next}"
    );
    assert_eq!(page["albums"]["items"][0].get("label"), None);
}

#[tokio::test]
async fn search_finds_by_name_artist_year_and_isrc() {
    let api = Api::still().await;
    let albums = api.albums().await;
    let quotable = |album: &&Value| !album["name"].as_str().unwrap().contains('"');
    let album = albums.iter().find(quotable).unwrap();
    let (name, artist) = (
        album["name"].as_str().unwrap(),
        album["artists"][0]["name"].as_str().unwrap(),
    );
    let q = format!("album:\"{name}\" artist:\"{artist}\"");
    let query: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
    let found = api.walk(&format!("/search?q={query}&type=album"), "albums").await;
    assert!(
        ids(&found).contains(&album["id"].as_str().unwrap().to_owned()),
        "{q}"
    );

    let track = api
        .json(&format!("/tracks/{}", track_ids(&albums[..1]).remove(0)))
        .await;
    let isrc = track["external_ids"]["isrc"].as_str().unwrap();
    let found = api
        .json(&format!("/search?q=isrc:{isrc}&type=track,artist"))
        .await;
    assert_eq!(keys(&found), ["artists", "tracks"]);
    assert_eq!(found["tracks"]["items"][0], track);

    let old = api.walk("/search?q=year:1950-2024&type=album", "albums").await;
    assert!(
        old.iter()
            .all(|album| album["release_date"].as_str().unwrap() < "2025")
    );
}

#[tokio::test]
async fn search_errors() {
    let api = Api::still().await;
    assert_eq!(api.get("/search?type=album").await.error().0, 400);
    assert_eq!(api.get("/search?q=x").await.error().0, 400);
    assert_eq!(api.get("/search?q=x&type=nonsense").await.error().0, 400);
    assert_eq!(
        api.get("/search?q=x&type=album&limit=10&offset=990").await.status,
        200
    );
    assert_eq!(
        api.get("/search?q=x&type=album&limit=10&offset=991")
            .await
            .error(),
        (404, "Not found.".into())
    );
}

#[tokio::test]
async fn no_more_than_a_thousand_are_found_and_the_pages_end_there() {
    let api = Api::start(Options {
        profile: Profile::DevFeb2026,
        albums: 0,
        ..still()
    })
    .await;
    let query = "/search?q=tag:new&type=album&limit=10";
    let found = ids(&api.walk(query, "albums").await);
    assert_eq!(found.len(), 1000);
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), 1000);
    assert_eq!(ids(&api.walk(query, "albums").await), found);
    let last = api.json(&format!("{query}&offset=990")).await["albums"].clone();
    assert_eq!((&last["total"], &last["next"]), (&1000.into(), &Value::Null));
    let beyond = api.get(&format!("{query}&offset=1000")).await;
    assert_eq!(beyond.error(), (404, "Not found.".into()));
}

#[tokio::test]
async fn what_is_released_is_found_though_the_search_was_made_before() {
    let api = Api::still().await;
    let query = "/search?q=tag:new&type=album&limit=50";
    let before = ids(&api.walk(query, "albums").await);
    api.control(Method::POST, "release", r#"{"albums": 20}"#).await;
    let list = ids(&api.new_releases().await);
    let after = ids(&api.walk(query, "albums").await);
    assert!(list[..20].contains(&after[0]), "nothing new at the head");
    assert!(!before.contains(&after[0]));
}

#[tokio::test]
async fn in_a_catalogue_of_files_new_is_what_came_out_last() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/catalogue/small"));
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let api = Api::start(Options {
        catalogue: Some(folder.to_owned()),
        albums: 0,
        ..still()
    })
    .await;
    let date = |album: &Value| {
        let date = album["release_date"].as_str().unwrap_or_default();
        date.parse::<chrono::NaiveDate>().ok()
    };
    let list = api.new_releases().await;
    let newest = list.iter().filter_map(date).max().unwrap();
    let found = api.walk("/search?q=tag:new&type=album&limit=50", "albums").await;
    assert!(!found.is_empty());
    let is_new = |album: &Value| date(album).is_some_and(|date| (newest - date).num_days() <= 14);
    assert!(found.iter().all(is_new));
    assert_eq!(found.len(), list.iter().filter(|album| is_new(album)).count());
}
