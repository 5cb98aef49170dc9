//! Answers that do not arrive whole, or not in time.

use std::io::Read;
use std::time::{Duration, Instant};

use firstpress::sandbox::Options;

use super::{Api, still};

const LIST: &str = "/browse/new-releases";

#[tokio::test]
async fn a_body_cut_inside_its_compression_is_whole_over_http() {
    let api = Api::still().await;
    let whole = api.get(LIST).await.text;
    api.set_faults(&["new-releases:*:cut-gzip"]).await;
    let unpacked = api.try_get(LIST).await.err().expect("a whole body");
    assert!(unpacked.is_decode() || unpacked.is_body(), "{unpacked:?}");

    let as_sent = reqwest::Client::builder().no_gzip().build().unwrap();
    let url = format!("{}{LIST}", api.sandbox.spotify_api_url);
    for encoding in ["gzip", "identity"] {
        let request = as_sent.get(&url).bearer_auth(&api.token);
        let request = request.header("accept-encoding", encoding);
        let got = request.send().await.unwrap();
        let (status, length) = (got.status(), got.content_length());
        let body = got.bytes().await.expect("a message that is complete");
        assert_eq!((status.as_u16(), length), (200, Some(body.len() as u64)));
        let mut text = String::new();
        match encoding {
            "gzip" => {
                let unpacked = flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text);
                assert!(unpacked.is_err(), "{text}");
            }
            _ => assert_eq!(body.len(), whole.len() / 2),
        }
    }
}

#[tokio::test]
async fn connections_that_break() {
    let api = Api::still().await;
    api.set_faults(&["new-releases:1:reset", "new-releases:2:cut"])
        .await;
    let reset = api.try_get(LIST).await.err().expect("an answer to a reset");
    assert!(reset.is_request(), "{reset:?}");
    let cut = api.try_get(LIST).await.err().expect("a whole body");
    assert!(cut.is_body() || cut.is_decode(), "{cut:?}");
    assert_eq!(api.get(LIST).await.status, 200);

    api.set_faults(&["new-releases:1:cut"]).await;
    let mut half = api
        .request(LIST)
        .header("accept-encoding", "identity")
        .send()
        .await
        .unwrap();
    let announced = half.content_length().unwrap();
    let mut received = 0;
    while let Ok(Some(chunk)) = half.chunk().await {
        received += chunk.len() as u64;
    }
    assert_eq!(received, announced / 2);
}

#[tokio::test]
async fn an_answer_that_stalls_comes_late() {
    let api = Api::start(Options {
        latency_ms: 20,
        ..still()
    })
    .await;
    api.set_faults(&["new-releases:1:stall=0.4"]).await;
    let start = Instant::now();
    assert_eq!(api.get(LIST).await.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(420));
}

#[tokio::test]
async fn a_dropped_sandbox_stops() {
    let api = Api::still().await;
    let url = api.sandbox.spotify_api_url.clone();
    drop(api.sandbox);
    let stopped = async {
        while reqwest::Client::new().get(url.clone()).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), stopped)
        .await
        .expect("it still answers");
}
