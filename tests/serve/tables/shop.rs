//! A small project of somebody's own, which publishes in no time, and a server on its tables.

use std::time::Duration;

use firstpress::transform::{Options, Project, transform};
use reqwest::{Client, Response};
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::harness::{TestDatabase, database};
use crate::pipeline::empty_directory;
use crate::server::{RUNTIME, in_process, problem};

const FILES: [(&str, &str); 9] = [
    ("dbt_project.yml", "name: shop\nprofile: shop\n"),
    (
        "macros/generate_schema_name.sql",
        include_str!("../../../templates/macros/generate_schema_name.sql"),
    ),
    // every kind of column, values that spreadsheets and CSV trip over, and nulls in all but the key
    ("models/kinds.sql", include_str!("kinds.sql")),
    // no key, rows that are all alike, and rows of nothing but nulls
    (
        "models/alike.sql",
        "{{ config(schema='trends', materialized='table') }}
        select nullif(n % 3, 0) as third, nullif('t' || n % 2, 't0') as half, null::date as never
        from generate_series(1, 50) as n",
    ),
    // no key, rows longer than an address may be, and numbers that are equal but not written so
    (
        "models/long.sql",
        "{{ config(schema='core', materialized='table') }}
        select n, repeat('long', 1500) || n as text, case n % 2 when 0 then 1.0 else 1.00 end as same
        from generate_series(1, 60) as n",
    ),
    // a key that most rows do not have
    (
        "models/loose.sql",
        "{{ config(schema='core', materialized='table', indexes=[{'columns': ['key'], 'unique': true}]) }}
        select case when n % 20 = 0 then n end as key, n * 7919 % 400 as n from generate_series(1, 400) as n",
    ),
    (
        "models/moment.sql",
        "{{ config(schema='core', materialized='view') }} select clock_timestamp() as moment",
    ),
    (
        "models/counted.sql",
        "{{ config(schema='core', materialized='table', indexes=[{'columns': ['id'], 'unique': true}]) }}
        select id, n from generate_series(1, 200) as id cross join public.publications",
    ),
    (
        "models/seen.sql",
        "{{ config(schema='core', materialized='view') }} select * from {{ ref('counted') }} where id % 2 = 0",
    ),
];

static SHARED: OnceCell<Shop> = OnceCell::const_new();

/// A shop that was stocked once, for tests that only read.
pub(super) async fn shop() -> &'static Shop {
    SHARED
        .get_or_init(|| async {
            let start = || RUNTIME.block_on(Shop::stocked());
            tokio::task::spawn_blocking(start).await.unwrap()
        })
        .await
}

/// The server, the database that it serves, and the project that is published there.
pub(super) struct Shop {
    pub(super) database: TestDatabase,
    url: String,
    client: Client,
    project: Project,
}

impl Shop {
    /// Nothing is published yet.
    pub(super) async fn open() -> Self {
        Self::on(database().await).await
    }

    /// The same on a database that may have the schema of an older firstpress.
    pub(super) async fn on(database: TestDatabase) -> Self {
        let directory = empty_directory();
        for (name, text) in FILES {
            let path = directory.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let project = Project::load(Some(&directory)).unwrap();
        std::fs::remove_dir_all(directory).unwrap();
        sqlx::raw_sql("create table public.publications as select 0 as n")
            .execute(&database.pool)
            .await
            .unwrap();
        let url = in_process(&database.url, &[("SERVE_REQUESTS_PER_SECOND", "none")]).await;
        Self {
            database,
            url,
            // a connection that is kept would end with the test that opened it
            client: Client::builder().pool_max_idle_per_host(0).build().unwrap(),
            project,
        }
    }

    /// The same with its tables published once.
    pub(super) async fn stocked() -> Self {
        let shop = Self::open().await;
        shop.publish().await;
        shop.heard(1).await;
        shop
    }

    /// Publishes; `n` of core.counted is how often that was done.
    pub(super) async fn publish(&self) {
        sqlx::raw_sql("update public.publications set n = n + 1")
            .execute(&self.database.pool)
            .await
            .unwrap();
        transform(
            &self.database.pool,
            &self.project,
            &Options::default(),
            |_, _, _| {},
        )
        .await
        .unwrap();
    }

    /// Waits until the server has heard of a publication.
    pub(super) async fn heard(&self, publication: i64) {
        let heard = async {
            loop {
                let answer = self.get("/api/v1/core/counted?limit=1").await;
                let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
                if body["rows"][0]["n"] == publication {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), heard)
            .await
            .unwrap();
    }

    pub(super) async fn get(&self, path: &str) -> Response {
        self.ask(path, &[]).await
    }

    pub(super) async fn ask(&self, path: &str, headers: &[(&'static str, &str)]) -> Response {
        let mut request = self.client.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Status and detail of an answer that is none of rows.
    pub(super) async fn problem(&self, path: &str) -> (u16, String) {
        problem(self.get(path).await).await
    }

    /// The rows of one page.
    pub(super) async fn rows(&self, path: &str) -> Vec<Value> {
        rows_of(self.get(path).await, path).await.0
    }

    /// The rows of all pages.
    pub(super) async fn walk(&self, path: &str) -> Vec<Value> {
        let (mut rows, mut next) = (Vec::new(), Some(path.to_owned()));
        while let Some(path) = next.take() {
            let (more, further) = rows_of(self.get(&path).await, &path).await;
            rows.extend(more);
            next = further;
        }
        rows
    }

    /// The rows of a query, each as JSON.
    pub(super) async fn sql(&self, query: &str) -> Vec<Value> {
        let query = format!("select to_json(q) from ({query}) as q");
        let mut connection = PgConnection::connect(&self.database.url).await.unwrap();
        let rows = sqlx::query_scalar(&query)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        rows
    }
}

/// Rows and the path of the next page, of an answer that must be 200.
pub(super) async fn rows_of(answer: Response, path: &str) -> (Vec<Value>, Option<String>) {
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 200, "{path}: {text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    let next = body["next"].as_str().map(str::to_owned);
    (body["rows"].as_array().unwrap().clone(), next)
}
