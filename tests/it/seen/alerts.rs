//! The webhook: told once of a run that failed, and of no other.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::pipeline::{Pipeline, still};

/// A webhook on loopback that answers so, and what was posted to it.
struct Webhook {
    url: String,
    posted: Arc<Mutex<Vec<Value>>>,
}

impl Webhook {
    async fn answering(status: StatusCode) -> Self {
        let posted = Arc::<Mutex<Vec<Value>>>::default();
        let take = async move |State(posted): State<Arc<Mutex<Vec<Value>>>>, body: String| {
            posted.lock().unwrap().push(serde_json::from_str(&body).unwrap());
            status
        };
        let router = Router::new()
            .route("/hooks/canary-of-this-webhook", post(take))
            .with_state(Arc::clone(&posted));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/hooks/canary-of-this-webhook",
            listener.local_addr().unwrap()
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, posted }
    }

    fn posted(&self) -> Vec<Value> {
        self.posted.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_failed_check_is_told_once_and_a_run_that_did_well_or_waits_is_not() {
    let webhook = Webhook::answering(StatusCode::OK).await;
    let pipeline = Pipeline::new(still())
        .await
        .with("ALERT_WEBHOOK_URL", &webhook.url);
    pipeline.run_well().await;
    let quota = json!(["new-releases:*:quota=5000"]);
    pipeline.tell_sandbox("faults", quota).await;
    assert_eq!(pipeline.run().await.code, Some(75));
    assert_eq!(pipeline.run().await.code, Some(75), "too early");
    assert_eq!(webhook.posted(), Vec::<Value>::new());

    pipeline
        .execute("update ops.runs set not_before = null; update ops.spotify_apps set not_before = null")
        .await;
    pipeline.tell_sandbox("faults", json!([])).await;
    let ended = pipeline.failing_check().run().await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    let posted = webhook.posted();
    let [message] = &posted[..] else {
        panic!("{posted:?}")
    };
    assert_eq!(message.as_object().unwrap().len(), 1);
    let text = message["text"].as_str().unwrap();
    let run_id = ended.result["run_id"].as_str().unwrap();
    for part in [
        run_id,
        "unique_doubled_one (1 rows)",
        "ops.check_failures",
        "exit code 3",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn wrong_settings_are_told_and_slacks_own_characters_are_escaped() {
    let webhook = Webhook::answering(StatusCode::NO_CONTENT).await;
    let pipeline = Pipeline::new(still())
        .await
        .with("ALERT_WEBHOOK_URL", &webhook.url);
    pipeline.file("mine/dbt_project.yml", "name: mine\nprofile: mine\n");
    pipeline.file("mine/models/wrong.sql", "select {{ ref('<!channel> & all') }}");
    let pipeline = pipeline.with("TEMPLATES_DIR", "mine");
    assert_eq!(pipeline.run().await.code, Some(1));
    let nobody = pipeline
        .with("SPOTIFY_CLIENT_ID", "")
        .with("SPOTIFY_CLIENT_SECRET", "");
    assert_eq!(nobody.run().await.code, Some(2));
    let posted = webhook.posted();
    let [template, settings] = &posted[..] else {
        panic!("{posted:?}")
    };
    let template = template["text"].as_str().unwrap();
    assert!(template.contains("&lt;!channel&gt; &amp; all"), "{template}");
    assert!(
        settings["text"].as_str().unwrap().contains("SPOTIFY_CLIENT_ID"),
        "{settings}"
    );
}

#[tokio::test]
async fn a_webhook_that_fails_is_asked_twice_and_changes_nothing() {
    let webhook = Webhook::answering(StatusCode::INTERNAL_SERVER_ERROR).await;
    let pipeline = Pipeline::new(still())
        .await
        .with("ALERT_WEBHOOK_URL", &webhook.url);
    let pipeline = pipeline.failing_check();
    let ended = pipeline.run().await;
    assert_eq!(
        (ended.code, webhook.posted().len()),
        (Some(3), 2),
        "{}",
        ended.stderr
    );
    assert_eq!(
        ended
            .stderr
            .matches("did not take the alert: it answered 500")
            .count(),
        1
    );

    // it is accepted by the system, and never answered
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/canary-of-the-silent-webhook",
        silent.local_addr().unwrap()
    );
    let pipeline = pipeline.with("ALERT_WEBHOOK_URL", &url);
    let started = Instant::now();
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(ended.result["failed_checks"][0]["name"], "unique_doubled_one");
    assert_eq!(
        ended.stderr.matches("did not take the alert: timed out").count(),
        1,
        "{}",
        ended.stderr
    );
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "{:?}",
        started.elapsed()
    );
}
