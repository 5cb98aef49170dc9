//! What each of the four kinds of apps may do: the capability table of the contract (7.4), by hand.

use firstpress::sandbox::{Options, Profile};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, ids, keys, send, still, track_ids};

const PROFILES: [Profile; 4] = [
    Profile::LegacyExtended,
    Profile::Extended,
    Profile::DevPreFeb2026,
    Profile::DevFeb2026,
];

/// Endpoint, then the status for each of [`PROFILES`].
const MAY_CALL: [(&str, [u16; 4]); 18] = [
    ("/browse/new-releases", [200, 200, 200, 403]),
    ("/albums/ALBUM", [200, 200, 200, 200]),
    ("/albums?ids=ALBUM", [200, 200, 200, 403]),
    ("/albums/ALBUM/tracks?limit=50", [200, 200, 200, 200]),
    ("/albums/ALBUM/tracks?limit=51", [400, 400, 400, 400]),
    ("/tracks/TRACK", [200, 200, 200, 200]),
    ("/tracks?ids=TRACK", [200, 200, 200, 403]),
    ("/audio-features/TRACK", [200, 403, 403, 403]),
    ("/audio-features?ids=TRACK", [200, 403, 403, 403]),
    ("/artists/ARTIST", [200, 200, 200, 200]),
    ("/artists?ids=ARTIST", [200, 200, 200, 403]),
    ("/artists/ARTIST/albums?limit=10", [200, 200, 200, 200]),
    ("/artists/ARTIST/albums?limit=11", [200, 200, 400, 400]),
    ("/artists/ARTIST/albums?limit=50", [200, 200, 400, 400]),
    ("/search?q=tag:new&type=album", [200, 200, 200, 200]),
    ("/search?q=tag:new&type=album&limit=10", [200, 200, 200, 200]),
    ("/search?q=tag:new&type=album&limit=11", [200, 200, 400, 400]),
    ("/search?q=tag:new&type=album&limit=50", [200, 200, 400, 400]),
];

const CLOSED: &str = r#"{"error":{"status":403,"message":"Forbidden"}}"#;
const CLOSED_FEATURES: &str = r#"{"error":{"status":403}}"#;
const INVALID_LIMIT: &str = r#"{"error":{"status":400,"message":"Invalid limit"}}"#;

/// An album with its artist and an analysed track, the same for every profile.
struct Known {
    album: String,
    track: String,
    artist: String,
}

impl Known {
    async fn find() -> Self {
        let api = Api::still().await;
        let album = api.albums().await.remove(0);
        let tracks = track_ids(std::slice::from_ref(&album));
        let features = api.several("audio-features", 100, &tracks).await;
        let analysed = features.iter().find(|row| !row.is_null()).unwrap();
        let id = |object: &Value| object["id"].as_str().unwrap().to_owned();
        Self {
            album: id(&album),
            track: id(analysed),
            artist: id(&album["artists"][0]),
        }
    }

    fn path(&self, template: &str) -> String {
        let path = template.replace("ALBUM", &self.album);
        path.replace("TRACK", &self.track).replace("ARTIST", &self.artist)
    }
}

async fn api(profile: Profile) -> Api {
    Api::start(Options { profile, ..still() }).await
}

async fn change(api: &Api, profile: &str) {
    let body = json!({ "profile": profile }).to_string();
    let got = api.control(Method::POST, "profile", &body).await;
    assert_eq!(got.status, 204, "{}", got.text);
}

#[tokio::test]
async fn every_endpoint_is_open_or_closed_as_the_capability_table_says() {
    let known = Known::find().await;
    for (place, profile) in PROFILES.into_iter().enumerate() {
        let api = api(profile).await;
        assert_ne!(api.token, "", "{profile:?} has no token");
        for (template, statuses) in MAY_CALL {
            let got = api.get(&known.path(template)).await;
            assert_eq!(got.status, statuses[place], "{profile:?} {template}");
            match got.status.as_u16() {
                403 if template.starts_with("/audio-features") => assert_eq!(got.text, CLOSED_FEATURES),
                403 => assert_eq!(got.text, CLOSED, "{profile:?} {template}"),
                400 => assert_eq!(got.text, INVALID_LIMIT, "{profile:?} {template}"),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn pages_are_smaller_for_apps_in_development_mode() {
    let known = Known::find().await;
    for (profile, limit) in PROFILES.into_iter().zip([20, 20, 5, 5]) {
        let api = api(profile).await;
        let search = api.json("/search?q=tag:new&type=album").await["albums"].clone();
        assert_eq!(
            (&search["limit"], search["items"].as_array().unwrap().len()),
            (&json!(limit), limit),
            "{profile:?}"
        );
        let by_artist = api.json(&known.path("/artists/ARTIST/albums")).await;
        assert_eq!(by_artist["limit"], limit, "{profile:?}");
        let tracks = api.json(&known.path("/albums/ALBUM/tracks")).await;
        assert_eq!(tracks["limit"], 20, "{profile:?}");
    }
}

/// The keys that the second object lacks, on one line.
fn lost(before: &Value, after: &Value) -> String {
    let lost: Vec<&str> = keys(before)
        .into_iter()
        .filter(|key| after.get(key).is_none())
        .collect();
    assert!(keys(after).iter().all(|key| before.get(key).is_some()));
    lost.join(" ")
}

#[tokio::test]
async fn apps_from_february_2026_get_fewer_fields_and_the_others_all() {
    let known = Known::find().await;
    let whole = api(Profile::LegacyExtended).await;
    for (profile, is_new) in PROFILES.into_iter().zip([false, false, false, true]) {
        let api = api(profile).await;
        for (template, pointer, removed) in [
            ("/albums/ALBUM", "", "available_markets label popularity"),
            ("/albums/ALBUM", "/tracks/items/0", "available_markets"),
            ("/albums/ALBUM/tracks", "/items/0", "available_markets"),
            ("/tracks/TRACK", "", "available_markets popularity"),
            ("/tracks/TRACK", "/album", "available_markets"),
            ("/artists/ARTIST", "", "followers genres popularity"),
            (
                "/artists/ARTIST/albums",
                "/items/0",
                "album_group available_markets",
            ),
            (
                "/search?q=tag:new&type=album",
                "/albums/items/0",
                "available_markets",
            ),
            (
                "/search?q=a&type=track",
                "/tracks/items/0",
                "available_markets popularity",
            ),
        ] {
            let path = known.path(template);
            let (before, after) = (whole.json(&path).await, api.json(&path).await);
            let lost = lost(before.pointer(pointer).unwrap(), after.pointer(pointer).unwrap());
            let expected = if is_new { removed } else { "" };
            assert_eq!(lost, expected, "{profile:?} {template}{pointer}");
        }
        let album = api.json(&known.path("/albums/ALBUM")).await;
        let track = api.json(&known.path("/tracks/TRACK")).await;
        assert!(album["external_ids"]["upc"].is_string() && track["external_ids"]["isrc"].is_string());
    }
}

#[tokio::test]
async fn previews_are_for_apps_with_all_rights_only() {
    for (profile, some) in PROFILES.into_iter().zip([true, false, false, false]) {
        let api = api(profile).await;
        let found = api.json("/search?q=tag:new&type=album&limit=10").await;
        let mut previews = Vec::new();
        for album in ids(found["albums"]["items"].as_array().unwrap()) {
            let tracks = api.walk(&format!("/albums/{album}/tracks"), "").await;
            previews.extend(tracks.iter().map(|track| track["preview_url"].clone()));
        }
        assert_eq!(
            previews.iter().any(Value::is_string),
            some,
            "{profile:?}: {previews:?}"
        );
        assert!(previews.iter().any(Value::is_null), "{profile:?}");
    }
}

#[tokio::test]
async fn a_search_of_ten_at_a_time_finds_what_one_of_fifty_finds() {
    let (big, small) = (api(Profile::Extended).await, api(Profile::DevFeb2026).await);
    let query = "/search?q=tag:new&type=album";
    let by_fifty = ids(&big.walk(&format!("{query}&limit=50"), "albums").await);
    let by_ten = ids(&small.walk(&format!("{query}&limit=10"), "albums").await);
    assert!(by_ten.len() > 20);
    assert_eq!(by_ten, by_fifty);
}

#[tokio::test]
async fn the_profile_can_change_while_it_runs() {
    let api = Api::still().await;
    let list = "/browse/new-releases";
    let album = ids(&api.new_releases().await).remove(0);
    assert_eq!(api.get(list).await.status, 200);
    change(&api, "dev_feb2026").await;
    assert_eq!(api.get(list).await.text, CLOSED);
    let stripped = api.json(&format!("/albums/{album}")).await;
    assert_eq!(stripped.get("label"), None);
    change(&api, "extended").await;
    assert_eq!(api.get(list).await.status, 200);
    assert_eq!(
        api.get(&format!("/audio-features/{album}")).await.text,
        CLOSED_FEATURES
    );
    change(&api, "dev_pre_feb2026").await;
    assert_eq!(
        api.get("/search?q=a&type=album&limit=11").await.text,
        INVALID_LIMIT
    );
    change(&api, "legacy_extended").await;
    assert_eq!(api.get("/search?q=a&type=album&limit=11").await.status, 200);

    let refused = api
        .control(Method::POST, "profile", r#"{"profile": "premium"}"#)
        .await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("dev_feb2026"), "{}", refused.text);
}

#[tokio::test]
async fn limits_come_before_the_token_the_token_before_the_mode_and_the_mode_before_the_rest() {
    let api = Api::start(Options {
        profile: Profile::DevFeb2026,
        daily_quota: 2,
        ..still()
    })
    .await;
    let nobody = || {
        let url = format!("{}/browse/new-releases", api.sandbox.spotify_api_url);
        send(api.http.get(url))
    };
    assert_eq!(nobody().await.unwrap().status, 401);
    assert_eq!(api.get("/albums?ids=wrong&market=ZZ").await.text, CLOSED);
    assert_eq!(nobody().await.unwrap().status, 429);
}
