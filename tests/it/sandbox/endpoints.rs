//! Every endpoint: shape, limits, errors.

use std::collections::HashSet;

use firstpress::sandbox::Options;
use serde_json::{Value, json};

use super::{Api, UNKNOWN, assert_keys, ids, keys, still, track_ids};

#[tokio::test]
async fn new_releases_are_a_page_under_albums() {
    let api = Api::still().await;
    let got = api.get("/browse/new-releases").await;
    assert_eq!(got.header("content-type"), "application/json; charset=utf-8");
    let page = &got.json()["albums"];
    assert_keys(page, "href items limit next offset previous total");
    assert_eq!(
        (&page["total"], &page["limit"], &page["previous"]),
        (&json!(100), &json!(20), &Value::Null)
    );
    let base = api.sandbox.spotify_api_url.as_str();
    assert_eq!(
        page["next"],
        format!("{base}/browse/new-releases?offset=20&limit=20")
    );

    let album = &page["items"][0];
    assert_keys(
        album,
        "album_type artists available_markets external_urls href id images name release_date \
         release_date_precision total_tracks type uri",
    );
    let id = album["id"].as_str().unwrap();
    assert_eq!(id.len(), 22);
    assert_eq!(album["href"], format!("{base}/albums/{id}"));
    assert_eq!(album["uri"], format!("spotify:album:{id}"));
    assert_eq!(
        album["external_urls"]["spotify"],
        format!("https://open.spotify.com/album/{id}")
    );
    let sizes: Vec<&Value> = album["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| &image["width"])
        .collect();
    assert_eq!(sizes, [300, 64, 640]);
    assert_keys(&album["artists"][0], "external_urls href id name type uri");
}

#[tokio::test]
async fn pages_cover_the_list_and_end() {
    let api = Api::still().await;
    let all = ids(&api.new_releases().await);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 100);
    let beyond = &api.json("/browse/new-releases?offset=500").await["albums"];
    assert_eq!((&beyond["items"], &beyond["next"]), (&json!([]), &Value::Null));
    let last = &api.json("/browse/new-releases?offset=98&limit=3").await["albums"];
    assert_eq!(
        (ids(last["items"].as_array().unwrap()), &last["next"]),
        (all[98..].to_vec(), &Value::Null)
    );
    assert!(last["previous"].as_str().unwrap().ends_with("?offset=95&limit=3"));
}

#[tokio::test]
async fn limits_and_offsets_outside_their_range_are_400() {
    let api = Api::still().await;
    let album = ids(&api.new_releases().await).remove(0);
    for list in [
        "/browse/new-releases?",
        &format!("/albums/{album}/tracks?"),
        "/search?q=tag:new&type=album&",
    ] {
        for limit in ["0", "51", "-1", "x", ""] {
            let got = api.get(&format!("{list}limit={limit}")).await;
            assert_eq!(got.error(), (400, "Invalid limit".into()), "{list}limit={limit}");
        }
        for limit in ["1", "50"] {
            assert_eq!(
                api.get(&format!("{list}limit={limit}")).await.status,
                200,
                "{list}limit={limit}"
            );
        }
        assert_eq!(api.get(&format!("{list}offset=-1")).await.status, 400);
    }
}

#[tokio::test]
async fn batches_keep_order_and_length_and_have_a_limit() {
    let api = Api::still().await;
    let albums = api.albums().await;
    let tracks = track_ids(&albums);
    let artists = ids(albums[0]["artists"].as_array().unwrap());
    for (kind, most, known) in [
        ("albums", 20, ids(&albums)),
        ("tracks", 50, tracks.clone()),
        ("audio-features", 100, tracks),
        ("artists", 50, artists),
    ] {
        let known = known[0].as_str();
        let answer = api.json(&format!("/{kind}?ids={known},{UNKNOWN},{known}")).await;
        let answer = answer[kind.replace('-', "_")].as_array().unwrap().clone();
        assert_eq!(answer.len(), 3, "{kind}");
        assert_eq!(
            (&answer[0]["id"], &answer[1]),
            (&json!(known), &Value::Null),
            "{kind}"
        );
        assert_eq!(answer[0], answer[2]);

        let many = |count: usize| format!("/{kind}?ids={}", vec![known; count].join(","));
        assert_eq!(api.get(&many(most)).await.status, 200, "{kind}");
        assert_eq!(api.get(&many(most + 1)).await.error().0, 400, "{kind}");
        assert_eq!(api.get(&format!("/{kind}?ids=")).await.error().0, 400, "{kind}");
        assert_eq!(api.get(&format!("/{kind}")).await.error().0, 400, "{kind}");
        for wrong in ["short", "6cI8Fq1iIqpuXovoGjgQa_", "6cI8Fq1iIqpuXovoGjgQapp"] {
            for path in [format!("/{kind}?ids={known},{wrong}"), format!("/{kind}/{wrong}")] {
                assert_eq!(
                    api.get(&path).await.error(),
                    (400, "Invalid base62 id".into()),
                    "{path}"
                );
            }
        }
    }
}

#[tokio::test]
async fn unknown_ids_are_404() {
    let api = Api::still().await;
    for path in [
        "/albums/ID",
        "/albums/ID/tracks",
        "/tracks/ID",
        "/artists/ID",
        "/artists/ID/albums",
    ] {
        let got = api.get(&path.replace("ID", UNKNOWN)).await;
        assert_eq!(got.error(), (404, "Resource not found".into()), "{path}");
    }
    let got = api.get(&format!("/audio-features/{UNKNOWN}")).await;
    assert_eq!(got.error(), (404, "analysis not found".into()));
    assert_eq!(api.get("/me").await.error(), (404, "Service not found".into()));
}

#[tokio::test]
async fn an_album_is_complete_and_embeds_fifty_tracks() {
    let api = Api::start(Options {
        tracks_per_album: Some(120),
        albums: 1,
        ..still()
    })
    .await;
    let id = ids(&api.new_releases().await).remove(0);
    let album = api.json(&format!("/albums/{id}")).await;
    assert_keys(
        &album,
        "album_type artists available_markets copyrights external_ids external_urls genres href id images label \
         name popularity release_date release_date_precision total_tracks tracks type uri",
    );
    assert_eq!(
        (&album["genres"], &album["images"][0]["width"]),
        (&json!([]), &json!(640))
    );
    assert!((12..=14).contains(&album["external_ids"]["upc"].as_str().unwrap().len()));
    assert_eq!(album, api.json(&format!("/albums?ids={id}")).await["albums"][0]);

    let tracks = &album["tracks"];
    assert_eq!(
        (&album["total_tracks"], &tracks["total"], &tracks["limit"]),
        (&json!(120), &json!(120), &json!(50))
    );
    let base = &api.sandbox.spotify_api_url;
    assert_eq!(
        tracks["next"],
        format!("{base}/albums/{id}/tracks?offset=50&limit=50")
    );
    assert_keys(
        &tracks["items"][0],
        "artists available_markets disc_number duration_ms explicit external_urls href id is_local name \
         preview_url track_number type uri",
    );
    let paged = api.walk(&format!("/albums/{id}/tracks?limit=50"), "").await;
    assert_eq!(paged.len(), 120);
    assert_eq!(&paged[..50], tracks["items"].as_array().unwrap());
    let place = |track: &Value| {
        (
            track["disc_number"].to_string(),
            track["track_number"].to_string(),
        )
    };
    assert_eq!(paged.iter().map(place).collect::<HashSet<_>>().len(), 120);
}

#[tokio::test]
async fn a_track_has_its_album_isrc_and_popularity() {
    let api = Api::still().await;
    let id = track_ids(&api.albums().await).remove(0);
    let track = api.json(&format!("/tracks/{id}")).await;
    assert_keys(
        &track,
        "album artists available_markets disc_number duration_ms explicit external_ids external_urls href id \
         is_local name popularity preview_url track_number type uri",
    );
    assert_eq!(track["external_ids"]["isrc"].as_str().unwrap().len(), 12);
    assert!((0..=100).contains(&track["popularity"].as_i64().unwrap()));
    assert_eq!(track["album"]["type"], "album");
    assert_eq!(track, api.json(&format!("/tracks?ids={id}")).await["tracks"][0]);
}

#[tokio::test]
async fn audio_features_have_eighteen_keys_and_some_tracks_have_none() {
    let api = Api::still().await;
    let tracks = track_ids(&api.albums().await);
    let features = api.several("audio-features", 100, &tracks).await;
    assert_eq!(features.len(), tracks.len());
    let missing: Vec<usize> = (0..tracks.len())
        .filter(|place| features[*place].is_null())
        .collect();
    let share = missing.len() as f64 / tracks.len() as f64;
    assert!((0.005..0.08).contains(&share), "{share} have no features");
    let single = api.get(&format!("/audio-features/{}", tracks[missing[0]])).await;
    assert_eq!(single.error(), (404, "analysis not found".into()));

    let shares = "acousticness danceability energy instrumentalness liveness speechiness valence";
    for (id, features) in tracks
        .iter()
        .zip(&features)
        .filter(|(_, features)| !features.is_null())
    {
        assert_eq!(
            (features["id"].as_str(), keys(features).len()),
            (Some(id.as_str()), 18)
        );
        for share in shares.split(' ') {
            assert!(
                (0.0..=1.0).contains(&features[share].as_f64().unwrap()),
                "{share}: {}",
                features[share]
            );
        }
        assert!((-60.0..=3.0).contains(&features["loudness"].as_f64().unwrap()));
    }
}

#[tokio::test]
async fn artists_have_followers_and_albums() {
    let api = Api::still().await;
    let albums = api.albums().await;
    let own = albums
        .iter()
        .find(|album| album["artists"][0]["name"] != "Various Artists")
        .unwrap();
    let id = own["artists"][0]["id"].as_str().unwrap();
    let artist = api.json(&format!("/artists/{id}")).await;
    assert_keys(
        &artist,
        "external_urls followers genres href id images name popularity type uri",
    );
    assert_eq!(artist["name"], own["artists"][0]["name"]);
    assert_keys(&artist["followers"], "href total");

    let by = |album: &&Value| {
        album["artists"]
            .as_array()
            .unwrap()
            .iter()
            .any(|artist| artist["id"] == id)
    };
    let expected = ids(&albums.iter().filter(by).cloned().collect::<Vec<_>>());
    let mut theirs = api.walk(&format!("/artists/{id}/albums?limit=1"), "").await;
    theirs.retain(|album| album["album_group"] != "appears_on");
    assert_eq!(ids(&theirs), expected);
    assert_eq!(
        api.get(&format!("/artists/{id}/albums?include_groups=appears_on,album"))
            .await
            .status,
        200
    );
    assert_eq!(
        api.get(&format!("/artists/{id}/albums?include_groups=x"))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_market_hides_the_markets_and_says_what_is_playable() {
    let api = Api::still().await;
    let albums = api.albums().await;
    let absent = |album: &&Value| {
        !album["available_markets"]
            .as_array()
            .unwrap()
            .contains(&json!("JP"))
    };
    let hidden = albums
        .iter()
        .find(absent)
        .expect("an album that is not for Japan");
    let id = hidden["id"].as_str().unwrap();
    let album = api.json(&format!("/albums/{id}?market=JP")).await;
    assert_eq!(album.get("available_markets"), None);
    let track = &album["tracks"]["items"][0];
    assert_eq!(
        (&track["is_playable"], &track["restrictions"]["reason"]),
        (&json!(false), &json!("market"))
    );
    assert_eq!(track.get("available_markets"), None);
    assert_eq!(api.get(&format!("/albums/{id}?market=ZZ")).await.status, 400);
}

#[tokio::test]
async fn gzip_only_where_it_is_accepted_and_not_switched_off() {
    let encoding = async |options, accepted| {
        let api = Api::start(options).await;
        let plain = reqwest::Client::builder().no_gzip().build().unwrap();
        let url = format!("{}/browse/new-releases", api.sandbox.spotify_api_url);
        let got = plain
            .get(url)
            .bearer_auth(&api.token)
            .header("accept-encoding", accepted)
            .send()
            .await
            .unwrap();
        got.headers()
            .get("content-encoding")
            .map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(encoding(still(), "gzip").await.as_deref(), Some("gzip"));
    assert_eq!(encoding(still(), "identity").await, None);
    assert_eq!(
        encoding(
            Options {
                no_gzip: true,
                ..still()
            },
            "gzip"
        )
        .await,
        None
    );
}
