//! `firstpress check`: data checks and freshness of what is published.

use serde_json::json;

use crate::pipeline::{Pipeline, still};

const PROJECT: &str = "name: mine\nmodels: {mine: {+materialized: table, +schema: mine}}\n";
const DESCRIBED: &str = "
sources:
  - name: raw
    loaded_at_field: extracted_at
    freshness: {warn_after: {count: 6, period: hour}, error_after: {count: 1, period: day}}
    tables:
      - {name: albums}
      - {name: artists, freshness: {error_after: {count: 3, period: day}}}
      - {name: quarantine, freshness: null}
models:
  - name: albums
    columns:
      - {name: album_id, data_tests: [unique, not_null]}
      - {name: name, data_tests: [{not_null: {config: {severity: warn}}}]}
";

#[tokio::test]
async fn what_is_published_is_checked_and_its_sources_are_dated() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.file("mine/dbt_project.yml", PROJECT);
    pipeline.file(
        "mine/models/albums.sql",
        "select album_id, name from {{ source('raw', 'albums') }}",
    );
    pipeline.file("mine/models/albums.yml", DESCRIBED);
    let pipeline = pipeline.with("TEMPLATES_DIR", "mine");
    pipeline.run_well().await;

    let looked = pipeline.firstpress(&["check"]).await;
    assert_eq!(looked.code, Some(0), "{}", looked.stderr);
    let checks = looked.result["checks"].as_array().unwrap();
    assert!(
        checks.iter().all(|check| check["status"] == "passed"),
        "{checks:?}"
    );
    let fresh = json!([["raw.albums", "passed"], ["raw.artists", "passed"]]);
    assert_eq!(ages(&looked.result), fresh);

    // somebody spoils a table, and nothing was loaded for two days
    pipeline
        .execute(
            "insert into public_mine.albums select album_id, null from public_mine.albums limit 1;
             update raw.albums set extracted_at = extracted_at - interval '2 days';
             update raw.artists set extracted_at = extracted_at - interval '2 days'",
        )
        .await;
    let looked = pipeline.firstpress(&["check"]).await;
    assert_eq!(looked.code, Some(3), "{}", looked.stderr);
    let found: Vec<(&str, &str, i64)> = looked.result["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| {
            (
                check["name"].as_str().unwrap(),
                check["status"].as_str().unwrap(),
                check["failing_rows"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("unique_albums_album_id", "failed", 1),
            ("not_null_albums_album_id", "passed", 0),
            ("not_null_albums_name", "warned", 1),
        ]
    );
    assert_eq!(
        ages(&looked.result),
        json!([["raw.albums", "failed"], ["raw.artists", "warned"]])
    );
    let one = pipeline
        .firstpress(&["check", "--select", "source:raw.artists"])
        .await;
    assert_eq!(
        one.code,
        Some(0),
        "a source that is only warned of is no failure: {}",
        one.stderr
    );
}

#[tokio::test]
async fn without_tables_there_is_nothing_to_check() {
    let pipeline = Pipeline::new(still()).await;
    let looked = pipeline.firstpress(&["check"]).await;
    assert_eq!(looked.code, Some(1), "{}", looked.stderr);
    assert!(looked.stderr.contains("does not exist"), "{}", looked.stderr);
}

fn ages(result: &serde_json::Value) -> serde_json::Value {
    let sources = result["freshness"].as_array().unwrap().iter();
    sources
        .map(|source| json!([source["source"], source["status"]]))
        .collect()
}
