//! Somebody reads all the time while the tables are published over and over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use firstpress::transform::{Options, Project, transform};
use sqlx::{Connection, PgConnection, PgPool};

use crate::harness::database;

const PUBLICATIONS: i64 = 100;
/// Albums before the first publication.
const AT_FIRST: i64 = 20;

/// An album with a track of its own, by an artist of its own.
const NEWS: &str = include_str!("readers/an_album.sql");

/// How many albums each trend table knows of, in one statement and so at one moment.
const ALBUMS_BY_TABLE: &str = "select array[
    (select count(*) from trends.weekly_top_releases),
    (select sum(releases) from trends.release_calendar),
    (select count(distinct album_id) from trends.popularity_trajectory),
    (select sum(tracks) from trends.artist_feature_profile),
    (select n from trends.feature_popularity_correlation where period = 'all' and feature = 'energy'),
    (select sum(n) from trends.weekly_feature_trend where feature = 'energy')
]::bigint[]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_every_trend_table_sees_no_error_no_gap_and_no_mixture() {
    let database = database().await;
    let project = Project::load(None).unwrap();
    for number in 0..AT_FIRST {
        add_album(&database.pool, number).await;
    }
    publish(&database.pool, &project).await;
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(read_on(database.url.clone(), Arc::clone(&done)));
    for number in AT_FIRST..AT_FIRST + PUBLICATIONS {
        add_album(&database.pool, number).await;
        publish(&database.pool, &project).await;
    }
    done.store(true, Ordering::Relaxed);
    let mut seen = reader.await.unwrap();
    assert!(seen.is_sorted(), "never back in time");
    let reads = seen.len();
    seen.dedup();
    println!("{reads} reads saw {} of {PUBLICATIONS} publications", seen.len());
    assert!(
        seen.len() as i64 > PUBLICATIONS / 2,
        "the reader was away: {seen:?}"
    );
}

async fn add_album(db: &PgPool, number: i64) {
    let statement = NEWS.replace("$1", &number.to_string());
    sqlx::raw_sql(&statement).execute(db).await.unwrap();
}

async fn publish(db: &PgPool, project: &Project) {
    transform(db, project, &Options::default(), |_, _, _| {})
        .await
        .unwrap();
}

/// Reads until it is told to stop. Returns the number of albums that it saw each time.
async fn read_on(url: String, done: Arc<AtomicBool>) -> Vec<i64> {
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select schemaname || '.' || tablename from pg_tables where schemaname = 'trends' order by 1",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(tables.len() >= 6, "{tables:?}");
    let mut seen = Vec::new();
    while !done.load(Ordering::Relaxed) {
        for table in &tables {
            let count = format!("select count(*) from {table}");
            let rows = sqlx::query_scalar::<_, i64>(&count);
            assert!(
                rows.fetch_one(&mut connection).await.unwrap() > 0,
                "{table} is empty"
            );
        }
        let albums: Vec<i64> = sqlx::query_scalar(ALBUMS_BY_TABLE)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert!(
            albums.iter().all(|count| *count == albums[0]),
            "a mixture: {albums:?}"
        );
        seen.push(albums[0]);
    }
    connection.close().await.unwrap();
    seen
}
