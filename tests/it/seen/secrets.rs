//! No secret is printed or stored, and a test notices when one is.

use serde_json::json;
use url::Url;

use crate::pipeline::{Pipeline, still};
use crate::process::{CANARIES, DATABASE_PASSWORD, SANDBOX_SECRET, assert_tells_none_of};

/// A model that holds what the environment holds as a secret.
fn leaking(pipeline: Pipeline, words: &str) -> Pipeline {
    pipeline.file("mine/dbt_project.yml", "name: mine\nprofile: mine\n");
    pipeline.file("mine/models/leak.sql", &format!("select '{words}' as leak"));
    pipeline.with("TEMPLATES_DIR", "mine")
}

#[tokio::test]
async fn a_secret_in_any_output_fails_the_test_that_started_the_process() {
    let mut secrets: Vec<&str> = CANARIES.iter().map(|(_, value)| *value).collect();
    secrets[0] = "canary-of-the-webhook";
    secrets[2] = "canary-of-the-collector";
    let token = "4aawyAB9vmqN3uQ7FjRGTy".repeat(5);
    secrets.extend([DATABASE_PASSWORD, SANDBOX_SECRET, &token]);
    for secret in secrets {
        let pipeline = leaking(Pipeline::new(still()).await, secret);
        let printing = tokio::spawn(async move { pipeline.firstpress(&["render"]).await });
        assert!(
            printing.await.is_err_and(|error| error.is_panic()),
            "{secret} went unnoticed"
        );
    }
    let pipeline = leaking(Pipeline::new(still()).await, "no secret");
    assert_eq!(pipeline.firstpress(&["render"]).await.code, Some(0));
}

#[tokio::test]
async fn what_nobody_reads_is_searched_too() {
    let pipeline = leaking(Pipeline::new(still()).await, SANDBOX_SECRET);
    let unread = tokio::spawn(async move {
        let mut child = pipeline.spawn(&["render"]);
        child.wait().await.unwrap();
    });
    assert!(unread.await.is_err_and(|error| error.is_panic()));
}

#[tokio::test]
async fn a_misspelt_password_in_the_database_url_is_not_told() {
    let pipeline = Pipeline::new(still()).await;
    let mut url: Url = pipeline.database.url.parse().unwrap();
    url.query_pairs_mut().append_pair("pasword", "hunter2");
    let pipeline = pipeline.with("DATABASE_URL", url.as_str());
    let ended = pipeline.firstpress(&["migrate"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[tokio::test]
async fn the_database_holds_no_secret_whatever_went_wrong() {
    let pipeline = Pipeline::new(still())
        .await
        .with("SPOTIFY_CLIENT_SECRET", "canary-of-the-client");
    let refused = pipeline.run().await;
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    let secret = pipeline.sandbox.client_secret.clone();
    let pipeline = pipeline.with("SPOTIFY_CLIENT_SECRET", &secret);
    for fault in [
        "token:1:400",
        "new-releases:*:403",
        "albums:2:cut",
        "tracks:*:500",
        "audio-features:*:quota=5000",
    ] {
        pipeline.tell_sandbox("faults", json!([fault])).await;
        pipeline.run().await;
        pipeline
            .execute("update ops.runs set not_before = null; update ops.spotify_apps set not_before = null")
            .await;
    }
    pipeline.tell_sandbox("faults", json!([])).await;
    pipeline.run_well().await;

    const TABLES: &str = "select format('%I.%I', table_schema, table_name) from information_schema.tables
        where table_schema in ('ops', 'raw', 'core', 'trends')";
    let mut secrets: Vec<String> = CANARIES.iter().map(|(_, value)| (*value).to_owned()).collect();
    secrets.extend(["canary-of", DATABASE_PASSWORD, SANDBOX_SECRET].map(str::to_owned));
    let mut rows_seen = 0;
    for table in pipeline.column::<String>(TABLES).await {
        let query = format!("select row_to_json(t)::text from {table} as t");
        let rows: Vec<String> = sqlx::query_scalar(&query)
            .fetch_all(&pipeline.database.pool)
            .await
            .unwrap();
        rows_seen += rows.len();
        rows.iter().for_each(|row| assert_tells_none_of(&secrets, row));
    }
    assert!(rows_seen > 1000, "{rows_seen} rows");
}
