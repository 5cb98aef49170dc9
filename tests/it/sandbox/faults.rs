//! The rate window, faults on demand, and the record of calls.

use std::collections::HashSet;
use std::time::Duration;

use firstpress::sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, ids, still};

const LIST: &str = "/browse/new-releases";

#[tokio::test]
async fn the_rate_window_refuses_and_says_for_how_long() {
    let api = Api::start(Options {
        calls_per_window: 3,
        window_seconds: 1.5,
        ..still()
    })
    .await;
    for _ in 0..3 {
        assert_eq!(api.get(LIST).await.status, 200);
    }
    let refused = api.get(LIST).await;
    assert_eq!(refused.error(), (429, "API rate limit exceeded".into()));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=2).contains(&wait));
    assert_ne!(
        api.new_token().await,
        "",
        "the token endpoint is not in the window"
    );
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(api.get(LIST).await.status, 200);
}

const LIMITED: &str = r#"{"error":{"status":429,"message":"API rate limit exceeded"}}"#;
const QUOTA: &str = r#"{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}"#;
const PREMIUM: &str =
    r#"{"error":{"status":403,"message":"Active premium subscription required for the owner of the app"}}"#;

const PREMIUM_TEXT: &str = "Active premium subscription required for the owner of the app.";

/// Kind, then status, Retry-After and body of the answer.
const ERRORS: [(&str, (u16, &str, &str)); 19] = [
    (
        "400",
        (400, "", r#"{"error":{"status":400,"message":"Bad request."}}"#),
    ),
    (
        "401",
        (
            401,
            "",
            r#"{"error":{"status":401,"message":"Missing/invalid/expired access token"}}"#,
        ),
    ),
    (
        "403",
        (403, "", r#"{"error":{"status":403,"message":"Forbidden"}}"#),
    ),
    (
        "404",
        (
            404,
            "",
            r#"{"error":{"status":404,"message":"Resource not found"}}"#,
        ),
    ),
    (
        "500",
        (500, "", r#"{"error":{"status":500,"message":"Server error."}}"#),
    ),
    (
        "502",
        (502, "", r#"{"error":{"status":502,"message":"Bad gateway."}}"#),
    ),
    ("503-text", (503, "", "Service unavailable.")),
    ("504-empty", (504, "", "")),
    ("429=16", (429, "16", LIMITED)),
    ("429-missing", (429, "", LIMITED)),
    ("429-zero", (429, "0", LIMITED)),
    ("429-absurd", (429, "99999999999", LIMITED)),
    ("429-word", (429, "soon", LIMITED)),
    ("429-text=7", (429, "7", "Too many requests")),
    ("429-empty=7", (429, "7", "")),
    ("quota=48925", (429, "48925", QUOTA)),
    ("premium", (403, "", PREMIUM)),
    ("premium-text", (403, "", PREMIUM_TEXT)),
    ("not-json", (200, "", "upstream says hello")),
];

#[tokio::test]
async fn errors_in_every_form() {
    let api = Api::still().await;
    for (kind, expected) in ERRORS {
        api.set_faults(&[&format!("new-releases:1:{kind}")]).await;
        let got = api.get(LIST).await;
        let found = (got.status.as_u16(), got.header("retry-after"), got.text.as_str());
        assert_eq!(found, expected, "{kind}");
        assert_eq!(api.get(LIST).await.status, 200, "after {kind}");
    }
    api.set_faults(&["audio-features:1:403", "any:2:503-html"]).await;
    assert_eq!(
        api.get("/audio-features?ids=x").await.text,
        r#"{"error":{"status":403}}"#
    );
    assert!(api.get("/search").await.text.starts_with("<html>"));
}

#[tokio::test]
async fn server_errors_take_turns_until_every_status_came_in_every_form() {
    let api = Api::still().await;
    api.set_faults(&["new-releases:1-16:5xx"]).await;
    let mut seen = HashSet::new();
    for n in 0..16 {
        let got = api.get(LIST).await;
        let status = got.status.as_u16();
        assert_eq!(status, [500, 502, 503, 504][n % 4]);
        let form = match (got.header("content-type"), got.text.as_str()) {
            ("application/json", _) => got.error().1,
            ("text/html", page) => page[..6].to_owned(),
            (_, text) => text.to_owned(),
        };
        // The message is the same in JSON and in text.
        seen.insert((status, got.header("content-type").to_owned(), form));
    }
    assert_eq!(seen.len(), 16, "{seen:?}");
    assert_eq!(api.get(LIST).await.status, 200);
}

#[tokio::test]
async fn a_retry_after_can_be_a_date() {
    let api = Api::still().await;
    api.set_faults(&["new-releases:1:429-date=120"]).await;
    let got = api.get(LIST).await;
    assert_eq!(got.error(), (429, "API rate limit exceeded".into()));
    let date = got.header("retry-after");
    assert!(date.ends_with(" GMT"), "{date}");
    let date = chrono::DateTime::parse_from_rfc2822(date).unwrap();
    let ahead = (date.to_utc() - chrono::Utc::now()).num_seconds();
    assert!((110..=120).contains(&ahead), "{ahead}");
}

#[tokio::test]
async fn a_list_that_shifts_between_pages_shows_an_album_twice() {
    let api = Api::still().await;
    for (path, endpoint) in [
        ("/browse/new-releases?limit=5", "new-releases"),
        ("/search?q=tag:new&type=album&limit=5", "search"),
    ] {
        let page = async |offset: usize| {
            let answer = api.json(&format!("{path}&offset={offset}")).await;
            ids(answer["albums"]["items"].as_array().unwrap())
        };
        let (first, second) = (page(0).await, page(5).await);
        api.set_faults(&[&format!("{endpoint}:1:shift")]).await;
        let shifted = page(5).await;
        assert_eq!(
            (&shifted[0], &shifted[1..]),
            (&first[4], &second[..4]),
            "{endpoint}"
        );
        let head = page(0).await;
        assert!(!first.contains(&head[0]) && head[1..] == first[..4], "{endpoint}");
    }
}

#[tokio::test]
async fn faults_strike_the_calls_they_name() {
    let api = Api::still().await;
    let albums = ids(&api.new_releases().await);
    api.set_faults(&["new-releases:2-3:503", &format!("any:id={}:500", albums[4])])
        .await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(api.get(LIST).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    assert_eq!(
        api.get(&format!("/albums?ids={},{}", albums[3], albums[4]))
            .await
            .status,
        500
    );
    assert_eq!(api.get(&format!("/albums/{}", albums[4])).await.status, 500);
    assert_eq!(api.get(&format!("/albums/{}", albums[3])).await.status, 200);
    let refused = api.control(Method::POST, "faults", r#"["trax:1:503"]"#).await;
    assert!(
        refused.status == 400 && refused.text.contains("trax"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn faults_can_be_set_at_the_start() {
    let api = Api::start(Options {
        faults: vec!["token:2:400".parse().unwrap()],
        ..still()
    })
    .await;
    assert_eq!(api.new_token().await, "");
    assert_ne!(api.new_token().await, "");
}

#[tokio::test]
async fn tokens_expire_in_the_middle_of_a_run() {
    let mut api = Api::still().await;
    api.set_faults(&["tracks:1:expire-token"]).await;
    assert_eq!(api.get(LIST).await.status, 200);
    assert_eq!(api.get("/tracks?ids=x").await.error().0, 401);
    assert_eq!(api.get(LIST).await.error().0, 401);
    api.token = api.new_token().await;
    assert_eq!(api.get(LIST).await.status, 200);
}

#[tokio::test]
async fn the_token_in_use_is_revoked_and_no_other() {
    let mut api = Api::still().await;
    let other = api.new_token().await;
    api.set_faults(&["new-releases:2:revoke"]).await;
    assert_eq!(api.get(LIST).await.status, 200);
    for _ in 0..2 {
        let got = api.get(LIST).await;
        assert_eq!(got.error(), (401, "Missing/invalid/expired access token".into()));
        assert!(
            got.header("www-authenticate")
                .contains(r#"error="invalid_token""#)
        );
    }
    api.token = other;
    assert_eq!(api.get(LIST).await.status, 200);
}

#[tokio::test]
async fn a_foreign_next_leads_to_a_host_that_notes_what_it_is_sent() {
    let api = Api::still().await;
    api.set_faults(&["new-releases:1:foreign-next"]).await;
    let page = api.json("/browse/new-releases?limit=50").await;
    let next = page["albums"]["next"].as_str().unwrap();
    assert!(!next.starts_with(api.sandbox.spotify_api_url.as_str()));
    let got = api.http.get(next).header("x-test", "1").send().await.unwrap();
    assert_eq!(got.status(), 401);
    let noted = api.control(Method::GET, "foreign", "").await.json();
    assert_eq!(noted[0]["path"], "/v1/browse/new-releases?offset=50&limit=50");
    assert!(
        noted[0]["headers"]
            .as_array()
            .unwrap()
            .contains(&json!(["x-test", "1"]))
    );
}

#[tokio::test]
async fn a_repeated_page_shows_the_items_of_the_page_before() {
    let api = Api::still().await;
    let first = api.json("/browse/new-releases?limit=10").await;
    api.set_faults(&["new-releases:1:repeat"]).await;
    let second = api.json("/browse/new-releases?limit=10&offset=10").await;
    assert_eq!(second["albums"]["items"], first["albums"]["items"]);
    assert_eq!(second["albums"]["offset"], 10);
}

#[tokio::test]
async fn the_record_of_calls() {
    let api = Api::still().await;
    api.control(Method::DELETE, "calls", "").await;
    api.set_faults(&["search:1:reset"]).await;
    api.get("/browse/new-releases?limit=2").await;
    api.get("/albums?ids=bad").await;
    api.try_get("/search?q=x&type=album")
        .await
        .err()
        .expect("a reset");
    let calls = api.control(Method::GET, "calls", "").await.json();
    let calls = calls.as_array().unwrap();
    let seen: Vec<(&str, &str, &Value)> = calls
        .iter()
        .map(|call| {
            (
                call["endpoint"].as_str().unwrap(),
                call["path"].as_str().unwrap(),
                &call["status"],
            )
        })
        .collect();
    let expected = [
        ("new-releases", "/v1/browse/new-releases?limit=2", &json!(200)),
        ("albums", "/v1/albums?ids=bad", &json!(400)),
        ("search", "/v1/search?q=x&type=album", &Value::Null),
    ];
    assert_eq!(seen, expected);
    assert!(calls.is_sorted_by_key(|call| (call["at_ms"].as_f64().unwrap() * 1000.0) as u64));
    api.control(Method::DELETE, "calls", "").await;
    assert_eq!(api.control(Method::GET, "calls", "").await.json(), json!([]));
}
