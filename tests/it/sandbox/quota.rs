//! The quota of a day.

use firstpress::sandbox::{Options, Profile};
use reqwest::Method;

use super::{Api, UNKNOWN, send, still};

const LIST: &str = "/browse/new-releases?limit=1";
const QUOTA: &str = r#"{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}"#;

async fn api(daily_quota: usize) -> Api {
    Api::start(Options {
        daily_quota,
        ..still()
    })
    .await
}

async fn advance(api: &Api, seconds: u64) {
    let body = format!(r#"{{"advance_seconds": {seconds}}}"#);
    api.control(Method::POST, "clock", &body).await;
}

/// The Retry-After of a call that the quota refuses.
async fn refused(api: &Api) -> u64 {
    let got = api.get(LIST).await;
    assert_eq!((got.status.as_u16(), got.text.as_str()), (429, QUOTA));
    got.header("retry-after").parse().unwrap()
}

#[tokio::test]
async fn a_day_holds_so_many_calls_whatever_they_answer() {
    let mut api = api(4).await;
    assert_eq!(api.get(LIST).await.status, 200);
    assert_eq!(api.get(&format!("/albums/{UNKNOWN}")).await.status, 404);
    let url = format!("{}{LIST}", api.sandbox.spotify_api_url);
    assert_eq!(send(api.http.get(url)).await.unwrap().status, 401);
    api.set_faults(&["new-releases:1:503"]).await;
    assert_eq!(api.get(LIST).await.status, 503);

    assert!((86_390..=86_400).contains(&refused(&api).await));
    api.token = api.new_token().await;
    let features = format!("{}/audio-features?ids={UNKNOWN}", api.sandbox.reccobeats_api_url);
    let features = send(api.http.get(features)).await.unwrap();
    assert_eq!(features.status, 200, "ReccoBeats is no part of the quota");

    advance(&api, 86_300).await;
    assert!((80..=100).contains(&refused(&api).await));
    advance(&api, 100).await;
    api.token = api.new_token().await;
    assert_eq!(api.get(LIST).await.status, 200);
}

#[tokio::test]
async fn the_quota_rolls_and_waits_for_the_oldest_call() {
    let mut api = api(2).await;
    assert_eq!(api.get(LIST).await.status, 200);
    advance(&api, 1000).await;
    assert_eq!(api.get(LIST).await.status, 200);
    let wait = refused(&api).await;
    assert!((85_390..=85_400).contains(&wait), "{wait}");
    advance(&api, wait).await;
    api.token = api.new_token().await;
    assert_eq!(api.get(LIST).await.status, 200);
    let wait = refused(&api).await;
    assert!((990..=1000).contains(&wait), "{wait}");
}

#[tokio::test]
async fn calls_that_the_rate_limit_refuses_count_and_the_quota_speaks_first() {
    let api = Api::start(Options {
        profile: Profile::DevFeb2026,
        calls_per_window: 1,
        daily_quota: 3,
        ..still()
    })
    .await;
    for status in [403, 429, 429] {
        assert_eq!(api.get(LIST).await.error().0, status);
    }
    refused(&api).await;
}

#[tokio::test]
async fn there_is_no_quota_unless_one_is_set() {
    let api = Api::start(Options {
        profile: Profile::DevFeb2026,
        ..still()
    })
    .await;
    for _ in 0..200 {
        assert_eq!(api.get(LIST).await.status, 403);
    }
}
