//! Order, pages and filters.

use chrono::DateTime;
use serde_json::Value;

use super::shop::shop;
use crate::server::shared;

/// Table and query, and the same in SQL.
const WALKS: [(&str, &str); 12] = [
    ("trends/kinds?limit=7", "trends.kinds order by id"),
    (
        "trends/kinds?limit=1&sort=-word,part,-day",
        "trends.kinds order by word desc nulls last, part nulls last, day desc nulls last, id",
    ),
    (
        "trends/kinds?limit=11&sort=flag,-moment,small",
        "trends.kinds order by flag nulls last, moment desc nulls last, small nulls last, id",
    ),
    (
        "trends/kinds?limit=9&sort=-odd+%22name%22+%3B+drop+table+trends.alike%3B+--,id",
        r#"trends.kinds order by "odd ""name"" ; drop table trends.alike; --" desc nulls last, id"#,
    ),
    (
        "trends/kinds?limit=4&sort=list&word.null=false",
        "trends.kinds where word is not null order by list::text, id",
    ),
    (
        "trends/alike?limit=3",
        "trends.alike order by third nulls last, half nulls last, never desc nulls last",
    ),
    (
        "trends/alike?limit=1&sort=never,-half",
        "trends.alike order by never nulls last, half desc nulls last, third nulls last",
    ),
    (
        "trends/alike?limit=50",
        "trends.alike order by third nulls last, half nulls last",
    ),
    ("core/seen?limit=30&sort=-id", "core.seen order by id desc"),
    ("core/loose?limit=7", "core.loose order by key nulls last, n"),
    ("core/long?limit=7", "core.long order by n"),
    ("core/long?limit=7&sort=same", "core.long order by n"),
];

#[tokio::test]
async fn pages_in_any_order_hold_each_row_once() {
    let shop = shop().await;
    for (path, query) in WALKS {
        let expected = shop.sql(&format!("select * from {query}")).await;
        assert!(expected.len() > 45, "{query}");
        assert_eq!(shop.walk(&format!("/api/v1/{path}")).await, expected, "{path}");
    }
}

#[tokio::test]
async fn the_tables_of_a_run_come_by_their_keys_newest_first() {
    let rows = |body: Value| body["rows"].as_array().unwrap().clone();
    for name in ["weekly-top-releases", "weekly_top_releases"] {
        let body = shared()
            .await
            .json(&format!("/api/v1/trends/{name}?limit=5"))
            .await;
        let next = body["next"].as_str().unwrap().to_owned();
        let mut given = rows(body);
        given.extend(rows(
            shared().await.json(&next.replace("limit=5", "limit=9999")).await,
        ));
        let expected: Vec<Value> = sqlx::query_scalar(
            "select to_json(t) from trends.weekly_top_releases as t order by release_week desc, rank",
        )
        .fetch_all(&shared().await.pipeline.database.pool)
        .await
        .unwrap();
        assert_eq!(given, expected);
    }
    let published: Vec<String> = shared()
        .await
        .pipeline
        .column("select schemaname || '/' || tablename from pg_tables where schemaname in ('core', 'trends')")
        .await;
    assert!(published.len() >= 16);
    for table in published {
        let body = shared().await.json(&format!("/api/v1/{table}?limit=1")).await;
        assert_eq!(rows(body).len(), 1, "{table}");
    }
}

/// Whether a row is meant by a filter, worked out from its JSON.
type Meant = fn(&Value) -> bool;

const FILTERS: [(&str, Meant); 17] = [
    ("id=3&id=59&id=7777", |row| {
        [3, 59].contains(&row["id"].as_i64().unwrap())
    }),
    ("big.gte=2&big.lt=3", |row| row["big"] == 2),
    ("small.gt=1&small.lte=3", |row| {
        [2, 3].contains(&row["small"].as_i64().unwrap())
    }),
    ("part=0.3", |row| row["part"] == 0.3),
    ("part.gt=1e-1&part.null=false", |row| {
        row["part"].as_f64().is_some_and(|part| part > 0.1)
    }),
    ("exact.lt=0.34&exact.gt=.3", |row| {
        row["exact"].as_f64().unwrap() > 0.3 && row["exact"].as_f64().unwrap() < 0.34
    }),
    ("word=%3D1%2B1&word=", |row| {
        row["word"] == "=1+1" || row["word"] == ""
    }),
    ("word.contains=R_S", |row| row["word"] == "Ünder_score"),
    ("word.contains=%25", |row| row["word"] == "100%"),
    ("word.contains=%C3%BCNDER", |row| row["word"] == "Ünder_score"),
    ("word.null=true", |row| row["word"].is_null()),
    ("day.lte=2026-11-03", |row| {
        row["day"].as_str().is_some_and(|day| day <= "2026-11-03")
    }),
    ("day=2026-11-05", |row| row["day"] == "2026-11-05"),
    ("moment.gt=2026-11-01T15:00:00.5Z", |row| {
        moment(row).is_some_and(|hour| hour > 15)
    }),
    ("moment.lte=2026-11-01T16:30:00+02:00", |row| {
        moment(row).is_some_and(|hour| hour < 15)
    }),
    ("flag=false", |row| row["flag"] == false),
    ("sort.gte=9&list=%7B9,NULL%7D", |row| row["id"] == 9),
];

fn moment(row: &Value) -> Option<u32> {
    use chrono::Timelike;
    let moment = DateTime::parse_from_rfc3339(row["moment"].as_str()?).unwrap();
    Some(moment.to_utc().hour())
}

#[tokio::test]
async fn filters_leave_the_rows_that_they_name() {
    let shop = shop().await;
    let all = shop.rows("/api/v1/trends/kinds").await;
    assert_eq!(all.len(), 60);
    for (filter, meant) in FILTERS {
        let expected: Vec<Value> = all.iter().filter(|row| meant(row)).cloned().collect();
        assert!(!expected.is_empty(), "{filter} means no row, so it shows nothing");
        let path = format!("/api/v1/trends/kinds?{filter}");
        assert_eq!(shop.rows(&path).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn fields_choose_columns_in_their_order() {
    let shop = shop().await;
    let answer = shop.get("/api/v1/trends/kinds?limit=1&fields=word,id").await;
    let body = answer.text().await.unwrap();
    assert!(body.contains(r#""rows":[{"word":"=1+1","id":1}]"#), "{body}");
    let rows = shop
        .rows("/api/v1/trends/kinds?limit=1&fields=small&sort=-id")
        .await;
    assert_eq!(rows, [serde_json::json!({"small": 60 * 7919 % 5})]);
}

/// Requests, and what the answer says of them.
const MISUNDERSTOOD: [(&str, &str); 27] = [
    (
        "trends/kinds?colour=red",
        r#""colour" is neither a parameter (sort, limit, after, fields, format) nor"#,
    ),
    (
        "trends/kinds?sort=-colour",
        r#"sort names "colour", which is no column of trends.kinds; its columns are id, small"#,
    ),
    ("trends/kinds?sort=id,-id", "sort names id twice"),
    (
        "trends/kinds?fields=id,",
        r#"fields names "", which is no column"#,
    ),
    ("trends/kinds?fields=id,id", "fields names id twice"),
    (
        "trends/kinds?limit=0",
        r#"limit is "0"; it is a number from 1 to 10000"#,
    ),
    ("trends/kinds?limit=10001", "a number from 1 to 10000"),
    ("trends/kinds?limit=1&limit=2", "limit is given twice"),
    ("trends/kinds?format=xml", r#"format is "xml"; it is json or csv"#),
    (
        "trends/kinds?id=abc",
        r#"id is "abc"; its values are whole numbers"#,
    ),
    ("trends/kinds?id=2147483648", "within the range of its type"),
    ("trends/kinds?small.gt=40000", "within the range of its type"),
    (
        "trends/kinds?big=9223372036854775808",
        "within the range of its type",
    ),
    ("trends/kinds?part=1e999", "within the range of its type"),
    ("trends/kinds?part=NaN", "numbers like 0.5"),
    (
        "trends/kinds?day=abc",
        r#"day is "abc"; its values are days like 2026-11-23"#,
    ),
    ("trends/kinds?day=2026-02-30", "days like"),
    ("trends/kinds?day=2026-1-5", "days like"),
    ("trends/kinds?day=infinity", "days like"),
    (
        "trends/kinds?moment.gt=yesterday",
        "moments like 2026-11-23T04:00:00Z",
    ),
    ("trends/kinds?flag=yes", "true and false"),
    ("trends/kinds?flag.gt=true", "flag takes = and .null"),
    (
        "trends/kinds?id.contains=1",
        "id takes = and .gte .lte .gt .lt .null",
    ),
    (
        "trends/kinds?word.like=1",
        "word takes = and .gte .lte .gt .lt .contains .null",
    ),
    (
        "trends/kinds?word.null=maybe",
        r#"word.null is "maybe"; it is true or false"#,
    ),
    ("trends/kinds?word=a%00b", "NUL character"),
    (
        "trends/kinds?after=abc",
        "after is no cursor of this table in this order",
    ),
];

#[tokio::test]
async fn what_cannot_be_understood_is_named() {
    let shop = shop().await;
    for (path, named) in MISUNDERSTOOD {
        let (status, detail) = shop.problem(&format!("/api/v1/{path}")).await;
        assert_eq!(status, 400, "{path}: {detail}");
        assert!(detail.contains(named), "{path}: {detail}");
    }
    let (status, detail) = shop.problem("/api/v1/trends/counted").await;
    assert_eq!(status, 404);
    assert!(
        detail.contains("published in trends; there are alike, kinds"),
        "{detail}"
    );
    assert_eq!(shop.problem("/api/v1/core/publications").await.0, 404);
}

#[tokio::test]
async fn a_cursor_goes_on_only_where_it_was_made() {
    let shop = shop().await;
    let answer = shop.get("/api/v1/trends/kinds?limit=1&sort=-day").await;
    let (_, next) = super::shop::rows_of(answer, "the first page").await;
    let next = next.unwrap();
    let (_, cursor) = next.split_once("after=").unwrap();
    for elsewhere in [
        "trends/kinds?sort=day",
        "trends/kinds?sort=-day,small",
        "trends/alike?sort=-never",
    ] {
        let path = format!("/api/v1/{elsewhere}&after={cursor}");
        assert_eq!(shop.problem(&path).await.0, 400, "{elsewhere}");
    }
    assert_eq!(shop.get(&next).await.status(), 200);
}
