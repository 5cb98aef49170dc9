//! The limiter, against a server that enforces the same limit over a rolling window.

use firstpress::sandbox::Options;
use serde_json::Value;

use crate::pipeline::{Pipeline, still};

#[tokio::test]
async fn calls_keep_the_pace_and_meet_no_429() {
    const RATE: f64 = 40.0;
    let limited = Options {
        albums: 600,
        tracks_per_album: Some(10),
        window_seconds: 5.0,
        calls_per_window: 5 * RATE as usize,
        ..still()
    };
    let pipeline = Pipeline::new(limited)
        .await
        .with("SPOTIFY_REQUESTS_PER_SECOND", "40");
    let report = pipeline.run_well().await;
    let calls: f64 = pipeline
        .calls()
        .await
        .iter()
        .filter(|(endpoint, _)| endpoint != "token")
        .count() as f64;
    assert!(calls > 200.0, "{calls}");
    for (endpoint, count) in report["calls"].as_object().unwrap() {
        assert_eq!(count["rate_limited"], 0, "429 on {endpoint}");
    }
    let at_ms = arrivals(&pipeline).await;
    let seconds = (at_ms.last().unwrap() - at_ms.first().unwrap()) / 1000.0;
    assert!(
        seconds >= (calls - 1.0) / RATE,
        "{calls} calls in {seconds} s are faster than {RATE} a second"
    );
}

#[tokio::test]
async fn a_429_holds_every_call_back_for_the_whole_of_its_retry_after() {
    let options = Options {
        albums: 200,
        latency_ms: 100,
        faults: vec!["albums:2:429=2".parse().unwrap()],
        ..still()
    };
    let pipeline = Pipeline::new(options).await;
    pipeline.run_well().await;
    let calls = reqwest::get(format!("{}/calls", pipeline.sandbox.control_url))
        .await
        .unwrap();
    let calls: Vec<Value> = serde_json::from_slice(&calls.bytes().await.unwrap()).unwrap();
    let at_ms = |call: &Value| call["at_ms"].as_f64().unwrap();
    let refused = calls
        .iter()
        .find(|call| call["status"] == 429)
        .map(at_ms)
        .unwrap();
    // calls that were under way when the answer came are no breach
    let during = calls
        .iter()
        .map(at_ms)
        .filter(|at| (refused + 600.0..refused + 2000.0).contains(at));
    assert_eq!(during.count(), 0, "calls arrived while all were to wait");
}

/// When the Web API calls arrived, in ms.
async fn arrivals(pipeline: &Pipeline) -> Vec<f64> {
    let calls = reqwest::get(format!("{}/calls", pipeline.sandbox.control_url))
        .await
        .unwrap();
    let calls: Vec<Value> = serde_json::from_slice(&calls.bytes().await.unwrap()).unwrap();
    let web_api = calls.iter().filter(|call| call["endpoint"] != "token");
    web_api.filter_map(|call| call["at_ms"].as_f64()).collect()
}
