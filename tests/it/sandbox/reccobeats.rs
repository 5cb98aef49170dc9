//! The substitute for audio features.

use std::time::{Duration, Instant};

use firstpress::sandbox::Options;
use serde_json::Value;

use super::{Api, Got, UNKNOWN, assert_keys, send, still, track_ids};

async fn ask(api: &Api, ids: &[String]) -> Result<Got, reqwest::Error> {
    let base = &api.sandbox.reccobeats_api_url;
    let url = format!("{base}/audio-features?ids={}", ids.join(","));
    send(api.http.get(url)).await
}

/// The hrefs of all that is known of these tracks.
async fn known(coverage: u8, tracks: &[String]) -> Vec<String> {
    let api = Api::start(Options {
        reccobeats_coverage: coverage,
        ..still()
    })
    .await;
    let mut known = Vec::new();
    for ids in tracks.chunks(40) {
        let rows = ask(&api, ids).await.unwrap().json();
        let rows = rows["content"].as_array().unwrap().iter();
        known.extend(rows.map(|row| row["href"].as_str().unwrap().to_owned()));
    }
    known
}

#[tokio::test]
async fn coverage_goes_from_nothing_to_everything_and_more_of_it_adds_tracks() {
    let tracks = track_ids(&Api::still().await.albums().await);
    let share = |known: &[String]| known.len() as f64 / tracks.len() as f64;
    let (some, most) = (known(30, &tracks).await, known(75, &tracks).await);
    assert_eq!(known(0, &tracks).await, Vec::<String>::new());
    assert!((0.25..0.35).contains(&share(&some)), "{}", share(&some));
    assert!((0.70..0.80).contains(&share(&most)), "{}", share(&most));
    assert!(some.iter().all(|track| most.contains(track)));
    assert_eq!(known(100, &tracks).await.len(), tracks.len());
}

/// Kind, then status, Retry-After and body of the answer.
const ERRORS: [(&str, (u16, &str, &str)); 12] = [
    ("400", (400, "", r#"{"error":4002,"message":"Bad request."}"#)),
    ("403", (403, "", r#"{"error":403,"message":"Forbidden"}"#)),
    (
        "404",
        (404, "", r#"{"error":4041,"message":"Resource not found"}"#),
    ),
    (
        "429=7",
        (429, "7", r#"{"error":4291,"message":"Too many requests"}"#),
    ),
    (
        "429-missing",
        (429, "", r#"{"error":4291,"message":"Too many requests"}"#),
    ),
    (
        "429-word",
        (429, "soon", r#"{"error":4291,"message":"Too many requests"}"#),
    ),
    ("429-text=7", (429, "7", "Too many requests")),
    (
        "quota=9000",
        (429, "9000", r#"{"error":4291,"message":"Too many requests"}"#),
    ),
    ("500", (500, "", r#"{"error":500,"message":"Server error."}"#)),
    ("5xx", (500, "", r#"{"error":500,"message":"Server error."}"#)),
    ("503-empty", (503, "", "")),
    ("not-json", (200, "", "upstream says hello")),
];

#[tokio::test]
async fn errors_come_in_its_own_shape() {
    let api = Api::still().await;
    let ids = [UNKNOWN.to_owned()];
    for (kind, expected) in ERRORS {
        api.set_faults(&[&format!("reccobeats:1:{kind}")]).await;
        let got = ask(&api, &ids).await.unwrap();
        let found = (got.status.as_u16(), got.header("retry-after"), got.text.as_str());
        assert_eq!(found, expected, "{kind}");
        assert_eq!(ask(&api, &ids).await.unwrap().status, 200, "after {kind}");
    }
}

#[tokio::test]
async fn its_connections_break_too() {
    let api = Api::still().await;
    let tracks = track_ids(&api.albums().await);
    let ids = &tracks[..40];
    api.set_faults(&["reccobeats:1:reset", "reccobeats:2:cut", "reccobeats:3:cut-gzip"])
        .await;
    let reset = ask(&api, ids).await.err().expect("an answer to a reset");
    assert!(reset.is_request(), "{reset:?}");
    for fault in ["cut", "cut-gzip"] {
        let cut = ask(&api, ids).await.err().expect(fault);
        assert!(cut.is_body() || cut.is_decode(), "{fault}: {cut:?}");
    }
    api.set_faults(&["reccobeats:1:stall=0.3"]).await;
    let start = Instant::now();
    assert_eq!(ask(&api, ids).await.unwrap().status, 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn reccobeats_answers_in_its_own_order_and_leaves_out_what_it_does_not_know() {
    let api = Api::still().await;
    let tracks = track_ids(&api.albums().await);
    let base = format!("{}/audio-features", api.sandbox.reccobeats_api_url);
    let got = send(api.http.get(format!("{base}?ids={}", tracks[..40].join(","))))
        .await
        .unwrap();
    assert_eq!(got.status, 200, "{}", got.text);
    let rows = got.json()["content"].as_array().unwrap().clone();
    assert!((15..40).contains(&rows.len()), "{} rows", rows.len());
    assert_keys(
        &rows[0],
        "acousticness danceability energy href id instrumentalness isrc key liveness loudness mode speechiness \
         tempo valence",
    );
    let last_segment = |row: &Value| {
        row["href"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned()
    };
    let places: Vec<Option<usize>> = rows
        .iter()
        .map(|row| tracks[..40].iter().position(|id| *id == last_segment(row)))
        .collect();
    assert!(
        places.iter().all(Option::is_some) && !places.is_sorted(),
        "{places:?}"
    );

    let repeated: String = tracks[..40].iter().map(|id| format!("&ids={id}")).collect();
    assert_eq!(
        send(api.http.get(format!("{base}?x=1{repeated}")))
            .await
            .unwrap()
            .text,
        got.text
    );
    let unknown = send(api.http.get(format!("{base}?ids={UNKNOWN}"))).await.unwrap();
    assert_eq!(unknown.text, r#"{"content":[]}"#);
}

#[tokio::test]
async fn reccobeats_refuses_too_many_ids_none_and_the_nameless() {
    let api = Api::still().await;
    let url = format!("{}/audio-features?ids=", api.sandbox.reccobeats_api_url);
    let many = send(api.http.get(format!("{url}{}", vec![UNKNOWN; 41].join(","))))
        .await
        .unwrap();
    assert_eq!(many.status, 400);
    assert!(
        many.text.contains("size must be between 1 and 40"),
        "{}",
        many.text
    );
    assert_eq!(send(api.http.get(&url)).await.unwrap().status, 400);
    let nameless = reqwest::Client::new();
    for request in [
        nameless.get(&url),
        nameless.get(&url).header("user-agent", "python-requests/2.32"),
    ] {
        assert_eq!(send(request).await.unwrap().status, 403);
    }
}
