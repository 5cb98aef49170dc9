//! What happens to answers when other tables are published.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use firstpress::postgres::{MIGRATIONS, migrate, migrate_by};
use serde_json::Value;
use sqlx::Connection;
use sqlx::migrate::Migrator;

use super::shop::{Shop, rows_of, shop};
use crate::harness::{TestDatabase, database};

const COUNTED: &str = "/api/v1/core/counted?limit=40";

#[tokio::test]
async fn nothing_is_there_before_the_first_publication_and_a_projects_own_tables_are_after_it() {
    let shop = Shop::open().await;
    let (status, detail) = shop.problem("/api/v1/core/counted").await;
    assert_eq!(status, 404);
    assert!(detail.contains("nothing is published yet"), "{detail}");
    shop.publish().await;
    let there = async {
        while shop.get("/api/v1/core/counted").await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), there)
        .await
        .unwrap();
    assert_eq!(shop.walk(COUNTED).await.len(), 200);
}

#[tokio::test]
async fn who_has_the_answer_costs_no_query_nor_who_asks_what_was_asked() {
    let shop = Shop::stocked().await;
    let answer = shop.get(COUNTED).await;
    assert_eq!(answer.headers()["cache-control"], "no-cache");
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let body = answer.text().await.unwrap();

    // whoever asks the database for any of it waits
    let mut others = sqlx::PgConnection::connect(&shop.database.url).await.unwrap();
    let mut locked = others.begin().await.unwrap();
    let lock = "lock table ops.published, ops.published_models, core.counted, pg_catalog.pg_class";
    sqlx::raw_sql(lock).execute(&mut *locked).await.unwrap();
    for tags in [tag.clone(), format!("\"other\", {tag}"), tag.replace("W/", "")] {
        let answer = shop.ask(COUNTED, &[("if-none-match", &tags)]).await;
        assert_eq!(answer.status(), 304, "{tags}");
        assert_eq!(answer.headers()["etag"], tag.as_str());
        assert_eq!(answer.text().await.unwrap(), "");
    }
    assert_eq!(shop.get(COUNTED).await.text().await.unwrap(), body);
    let headers = [("accept", "text/csv"), ("if-none-match", tag.as_str())];
    let another = shop.ask(COUNTED, &headers);
    let waits = tokio::time::timeout(Duration::from_millis(200), another).await;
    assert!(
        waits.is_err(),
        "CSV was not asked for before, and has another ETag"
    );
    locked.rollback().await.unwrap();
    others.close().await.unwrap();

    shop.publish().await;
    shop.heard(2).await;
    let answer = shop.ask(COUNTED, &[("if-none-match", &tag)]).await;
    assert_eq!(answer.status(), 200);
    assert_ne!(answer.headers()["etag"], tag.as_str());
}

/// A database whose schema says nothing by itself.
async fn before_news() -> TestDatabase {
    let database = database().await;
    let nothing = "drop schema raw, ops, aside cascade; drop table _sqlx_migrations";
    sqlx::raw_sql(nothing).execute(&database.pool).await.unwrap();
    let of_then = MIGRATIONS.iter().filter(|migration| migration.version < 11);
    let migrations = Migrator {
        migrations: Cow::Owned(of_then.cloned().collect()),
        ..Migrator::DEFAULT
    };
    migrate_by(&database.pool, &migrations).await.unwrap();
    database
}

#[tokio::test]
async fn a_schema_that_tells_nothing_is_asked_each_time_until_it_is_migrated() {
    let shop = Shop::on(before_news().await).await;
    let asked_again = async |tag: &str| shop.ask(COUNTED, &[("if-none-match", tag)]).await;
    let mut tag = String::new();
    for _ in 0..2 {
        shop.publish().await;
        let answer = asked_again(&tag).await;
        assert_eq!(answer.status(), 200, "another publication, another answer");
        answer.headers()["etag"].to_str().unwrap().clone_into(&mut tag);
        assert_eq!(asked_again(&tag).await.status(), 304);
    }

    migrate(&shop.database.pool).await.unwrap();
    let mut others = sqlx::PgConnection::connect(&shop.database.url).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        // whoever asks the database waits
        let mut locked = others.begin().await.unwrap();
        let lock = sqlx::raw_sql("lock table ops.published");
        lock.execute(&mut *locked).await.unwrap();
        let answer = tokio::time::timeout(Duration::from_millis(200), asked_again(&tag)).await;
        locked.rollback().await.unwrap();
        if answer.is_ok_and(|answer| answer.status() == 304) {
            break;
        }
        assert!(Instant::now() < deadline, "it is asked for ever");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    others.close().await.unwrap();
    shop.publish().await;
    shop.heard(3).await;
    assert_eq!(asked_again(&tag).await.status(), 200);
}

#[tokio::test]
async fn a_view_is_read_each_time() {
    let shop = shop().await;
    let mut moments = Vec::new();
    for _ in 0..2 {
        let path = "/api/v1/core/moment";
        let answer = shop.ask(path, &[("if-none-match", "*")]).await;
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(!answer.headers().contains_key("etag"));
        moments.push(rows_of(answer, path).await.0);
    }
    assert_ne!(moments[0], moments[1]);
    let document = shop.get("/openapi.json").await.text().await.unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let answers = |path: &str| document["paths"][path]["get"]["responses"].clone();
    let (table, view) = (answers("/api/v1/core/counted"), answers("/api/v1/core/moment"));
    assert!(table["304"].is_object() && table["200"]["headers"]["ETag"].is_object());
    assert!(view["304"].is_null() && view["200"]["headers"]["ETag"].is_null());
}

#[tokio::test]
async fn who_has_the_answer_is_told_of_a_wrong_question() {
    let shop = shop().await;
    for (path, status) in [
        ("trends/kinds?limit=5", 304),
        ("trends/kinds?limit=0", 400),
        ("trends/kinds?colour=red", 400),
        ("trends/colours", 404),
    ] {
        let answer = shop
            .ask(&format!("/api/v1/{path}"), &[("if-none-match", "*")])
            .await;
        assert_eq!(answer.status(), status, "{path}");
    }
}

#[tokio::test]
async fn a_schema_that_is_older_than_the_server_says_so() {
    let shop = Shop::stocked().await;
    let older = "drop function ops.folded";
    sqlx::raw_sql(older).execute(&shop.database.pool).await.unwrap();
    let (status, detail) = shop.problem("/api/v1/trends/kinds?word.contains=x").await;
    assert_eq!(status, 503);
    assert!(detail.contains("schema is older than this server"), "{detail}");
}

#[tokio::test]
async fn a_walk_does_not_go_on_in_other_tables() {
    let shop = Shop::stocked().await;
    let (_, next) = rows_of(shop.get(COUNTED).await, COUNTED).await;
    let next = next.unwrap();
    assert_eq!(rows_of(shop.get(&next).await, &next).await.0.len(), 40);
    shop.publish().await;
    shop.heard(2).await;
    let (status, detail) = shop.problem(&next).await;
    assert_eq!(status, 409);
    assert!(
        detail.contains("published meanwhile") && detail.contains("start again"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_reader_during_publications_sees_no_mixture() {
    const PUBLICATIONS: i64 = 10;
    let shop = Shop::stocked().await;
    let publishing = async {
        for _ in 0..PUBLICATIONS {
            shop.publish().await;
        }
    };
    tokio::pin!(publishing);
    let (mut whole, mut broken_off, mut seen) = (0, 0, Vec::new());
    let mut is_done = false;
    while !is_done {
        tokio::select! {
            () = &mut publishing => is_done = true,
            walked = walk(&shop) => match walked {
                Some(count) => {
                    whole += 1;
                    seen.push(count);
                }
                None => broken_off += 1,
            },
        }
    }
    println!("{whole} whole walks saw {seen:?}, {broken_off} were broken off by a publication");
    assert!(seen.is_sorted(), "never back in time: {seen:?}");
    seen.dedup();
    assert!(
        seen.len() as i64 > PUBLICATIONS / 3,
        "the reader was away: {seen:?}"
    );
    shop.heard(PUBLICATIONS + 1).await;
}

/// The publication that all pages of a walk are of; none when another one broke it off.
async fn walk(shop: &Shop) -> Option<i64> {
    let (mut rows, mut next) = (Vec::new(), Some(COUNTED.to_owned()));
    while let Some(path) = next.take() {
        let answer = shop.get(&path).await;
        if answer.status() == 409 {
            return None;
        }
        let (more, further) = rows_of(answer, &path).await;
        rows.extend(more);
        next = further;
    }
    let counts: Vec<i64> = rows.iter().map(|row| row["n"].as_i64().unwrap()).collect();
    assert_eq!(counts.len(), 200);
    assert!(
        counts.iter().all(|count| *count == counts[0]),
        "a mixture: {counts:?}"
    );
    let ids: Vec<&Value> = rows.iter().map(|row| &row["id"]).collect();
    assert_eq!(ids[199], 200);
    Some(counts[0])
}
