//! Archives that are damaged are refused, by the names of the files.

use std::path::Path;

use super::{archive, archiving, assert_equal, everything, files, manifests, replay};
use crate::harness::database;
use crate::pipeline::still;

fn find<'a>(files: &'a [String], folder: &str) -> &'a str {
    files.iter().find(|file| file.starts_with(folder)).unwrap()
}

fn flip_a_bit(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_are_all_named_and_nothing_is_loaded() {
    let pipeline = archiving(still()).await;
    pipeline.run_well().await;
    pipeline.run_well().await;
    let directory = archive(&pipeline);
    let files = files(&directory);
    let flipped = find(&files, "raw/albums/");
    let missing = find(&files, "raw/artists/");
    let cut = find(&files, "raw/album_tracks/");
    flip_a_bit(&directory.join(flipped));
    std::fs::remove_file(directory.join(missing)).unwrap();
    let half = std::fs::read(directory.join(cut)).unwrap();
    std::fs::write(directory.join(cut), &half[..half.len() / 2]).unwrap();
    let no_manifest = &manifests(&directory)[1];
    std::fs::write(directory.join(no_manifest), "{").unwrap();

    let second = database().await;
    let before = everything(&pipeline.database.pool).await;
    let (pipeline, refused) = replay(pipeline, &second, &[]).await;
    assert_eq!(refused.code, Some(1));
    for (file, word) in [
        (flipped, "SHA-256"),
        (missing, "not there"),
        (cut, "bytes instead of"),
        (no_manifest.as_str(), "no manifest"),
    ] {
        let line = refused.stderr.lines().find(|line| line.contains(file));
        assert!(
            line.is_some_and(|line| line.contains(word)),
            "{file}: {}",
            refused.stderr
        );
    }
    let loaded = "select (select count(*) from raw.albums) + (select count(*) from ops.runs)";
    let loaded: i64 = sqlx::query_scalar(loaded).fetch_one(&second.pool).await.unwrap();
    assert_eq!(loaded, 0);
    // into the database that is there: it stays as it is
    let url = pipeline.database.url.clone();
    let pipeline = pipeline.with("DATABASE_URL", &url);
    assert_eq!(pipeline.firstpress(&["replay"]).await.code, Some(1));
    assert_equal(&before, &everything(&pipeline.database.pool).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_a_newer_version_is_refused() {
    let pipeline = archiving(still()).await;
    pipeline.run_well().await;
    let directory = archive(&pipeline);
    let path = directory.join(&manifests(&directory)[0]);
    let manifest = std::fs::read_to_string(&path).unwrap();
    let version: i64 = pipeline.value("select max(version) from _sqlx_migrations").await;
    let newer = manifest.replace(
        &format!("\"schema_version\": {version}"),
        &format!("\"schema_version\": {}", version + 1),
    );
    assert_ne!(manifest, newer);
    std::fs::write(&path, newer).unwrap();
    let refused = pipeline.firstpress(&["replay"]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("use that version"), "{}", refused.stderr);
}
