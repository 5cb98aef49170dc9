//! Histories that nobody thought of: models that were built bit by bit hold what one build from the start gives.

use firstpress::transform::{How, Options, Project, transform};
use rand::RngExt;
use sqlx::{Connection, PgConnection};

use crate::harness::{TestDatabase, database};
use crate::pipeline::assert_same;

/// What a day brings: new albums that share tracks with old ones, popularity, audio features that come late, artists
/// that are renamed, lists that change, ISRCs. `$1` is the number of the day, `$2` how many days there are.
const A_DAY: &str = include_str!("histories/a_day.sql");

/// Days of a history; some of them pass without a build.
const DAYS: i32 = 9;
const HISTORIES: usize = 3;

#[tokio::test]
async fn tables_built_bit_by_bit_are_those_of_one_build() {
    for _ in 0..HISTORIES {
        let seed = rand::rng().random_range(0.0..1.0_f64);
        let database = database().await;
        let mut raw = PgConnection::connect(&database.url).await.unwrap();
        sqlx::query("select setseed($1)")
            .bind(seed)
            .execute(&mut raw)
            .await
            .unwrap();
        let mut incremental_builds = 0;
        for day in 0..DAYS {
            let statement = A_DAY
                .replace("$1", &day.to_string())
                .replace("$2", &DAYS.to_string());
            sqlx::raw_sql(&statement).execute(&mut raw).await.unwrap();
            if day == DAYS - 1 || rand::random::<f64>() < 0.7 {
                incremental_builds += build(&database, false).await;
            }
        }
        assert!(
            incremental_builds > 20,
            "seed {seed}: nothing was built bit by bit"
        );
        let bit_by_bit = content(&database).await;
        let rows: usize = bit_by_bit.iter().map(|(_, rows)| rows.lines().count()).sum();
        assert!(rows > 500, "seed {seed}: {rows} rows");
        build(&database, true).await;
        println!("seed {seed}: {incremental_builds} incremental builds, {rows} rows");
        assert_same(&content(&database).await, &bit_by_bit);
        raw.close().await.unwrap();
    }
}

/// Builds everything. Returns how many models were built from what had changed.
async fn build(database: &TestDatabase, full_refresh: bool) -> usize {
    let options = Options {
        full_refresh,
        ..Options::default()
    };
    let project = Project::load(None).unwrap();
    let built = transform(&database.pool, &project, &options, |_, _, _| {})
        .await
        .unwrap();
    let incremental = built.models.iter().filter(|model| model.how == How::Incremental);
    incremental.count()
}

/// The rows of the published tables.
async fn content(database: &TestDatabase) -> Vec<(String, String)> {
    const TABLES: &str = "select schemaname || '.' || tablename from pg_tables
        where schemaname in ('core', 'trends') order by 1";
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(&database.pool)
        .await
        .unwrap();
    let mut content = Vec::new();
    for table in tables {
        let query = format!(
            "select coalesce(string_agg(to_jsonb(t)::text, E'\\n' order by to_jsonb(t)::text collate \"C\"), '') from {table} as t"
        );
        let rows = sqlx::query_scalar(&query)
            .fetch_one(&database.pool)
            .await
            .unwrap();
        content.push((table, rows));
    }
    content
}
