//! An archive on S3, which checks who signs.

use super::{assert_equal, everything, files, manifests, replay};
use crate::aws::bucket;
use crate::harness::database;
use crate::pipeline::{Pipeline, still};

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_on_s3_is_written_caught_up_and_replayed() {
    let key = ("AKIAARCHIVE".to_owned(), "s3cr3t-of-the-archive".to_owned());
    let pipeline = Pipeline::new(still()).await;
    let buckets = pipeline.directory().join("buckets");
    std::fs::create_dir_all(buckets.join("lake")).unwrap();
    let pipeline = pipeline
        .with("ARCHIVE_URL", "s3://lake/music/raw")
        .with("AWS_ENDPOINT_URL_S3", &bucket::serve(&buckets, &key).await)
        .with("AWS_EC2_METADATA_DISABLED", "true")
        .with("AWS_REGION", "eu-central-1")
        .with("AWS_ACCESS_KEY_ID", &key.0)
        .with("AWS_SECRET_ACCESS_KEY", "another");
    let report = pipeline.run_well().await;
    assert_eq!(report["loaded"]["albums"], 60);
    let error = report["archived"]["error"].as_str().unwrap();
    assert!(
        error.contains("music/raw") || error.contains("manifests/"),
        "{error}"
    );
    assert!(!error.contains(&key.1), "{error}");

    let pipeline = pipeline.with("AWS_SECRET_ACCESS_KEY", &key.1);
    let report = pipeline.run_well().await;
    assert_eq!(report["archived"]["error"], serde_json::Value::Null);
    assert_eq!(report["archived"]["runs"], 2);
    let directory = buckets.join("lake/music/raw");
    assert_eq!(manifests(&directory).len(), 2, "{:?}", files(&directory));
    let refreshed = pipeline.firstpress(&["transform", "--full-refresh"]).await;
    assert_eq!(refreshed.code, Some(0), "{}", refreshed.stderr);

    let original = everything(&pipeline.database.pool).await;
    let second = database().await;
    let (pipeline, ended) = replay(pipeline, &second, &[]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_equal(&original, &everything(&second.pool).await);

    // both runs become old, in the bucket too
    for file in files(&directory) {
        let (folder, rest) = file.split_once("/date=").unwrap();
        let name = rest.split_once('/').unwrap().1;
        let to = directory.join(format!("{folder}/date=2001-01-01/{name}"));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(directory.join(&file), to).unwrap();
    }
    let pipeline = pipeline.with("RETENTION_DAYS", "archive=365");
    let purged = pipeline.firstpress(&["purge"]).await;
    assert_eq!(purged.code, Some(0), "{}", purged.stderr);
    assert_eq!(purged.result["rows"][0]["rows"], 2, "{}", purged.result);
    assert_eq!(files(&directory), Vec::<String>::new());
}
