//! The role with which BI tools read.

use firstpress::postgres::embedded::{EmbeddedPostgres, Settings};
use serde_json::Value;
use sqlx::{Connection, PgConnection, PgPool};
use url::Url;
use uuid::Uuid;

use crate::pipeline::{Pipeline, empty_directory, still};
use crate::process::command;

/// A login in the role, dropped at the end.
struct Analyst {
    name: String,
    connection: PgConnection,
}

impl Analyst {
    async fn new(pipeline: &Pipeline) -> Self {
        let name = format!("bi_{}", Uuid::now_v7().simple());
        let login = format!("create role {name} login password 'hush' in role firstpress_reader");
        sqlx::raw_sql(&login)
            .execute(&pipeline.database.pool)
            .await
            .unwrap();
        let mut url = Url::parse(&pipeline.database.url).unwrap();
        url.set_username(&name).unwrap();
        url.set_password(Some("hush")).unwrap();
        let connection = PgConnection::connect(url.as_str()).await.unwrap();
        Self { name, connection }
    }

    /// Every table of core and trends by name, with its rows. Each must be readable.
    async fn reads(&mut self) -> Vec<(String, i64)> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select schemaname || '.' || tablename from pg_tables
             where schemaname in ('core', 'trends') order by 1",
        )
        .fetch_all(&mut self.connection)
        .await
        .unwrap();
        let mut read = Vec::new();
        for table in tables {
            let rows = format!("select count(*) from {table}");
            let rows = sqlx::query_scalar(&rows).fetch_one(&mut self.connection).await;
            read.push((
                table.clone(),
                rows.unwrap_or_else(|error| panic!("{table}: {error}")),
            ));
        }
        read
    }

    async fn assert_refused(&mut self, statement: &str) {
        let refused = sqlx::raw_sql(statement).execute(&mut self.connection).await;
        let error = refused.expect_err(statement).into_database_error().unwrap();
        // insufficient_privilege
        assert_eq!(error.code().as_deref(), Some("42501"), "{statement}: {error}");
    }

    async fn leave(self, db: &PgPool) {
        self.connection.close().await.unwrap();
        let gone = format!("drop role {}", self.name);
        sqlx::raw_sql(&gone).execute(db).await.unwrap();
    }
}

#[tokio::test]
async fn a_login_in_the_role_reads_every_table_before_and_after_publications() {
    let pipeline = Pipeline::new(still()).await;
    let mut analyst = Analyst::new(&pipeline).await;
    pipeline.run_well().await;
    let before = analyst.reads().await;
    assert!(
        before.len() > 12 && before.iter().all(|(_, rows)| *rows > 0),
        "{before:?}"
    );

    // another table comes, one is made anew, one becomes a table that was a view, and a schema of its own comes too
    for (file, text) in [
        ("dbt_project.yml", "name: mine\nprofile: mine\n"),
        (
            "macros/generate_schema_name.sql",
            include_str!("../../templates/macros/generate_schema_name.sql"),
        ),
        (
            "models/labels.sql",
            "{{ config(schema='trends', materialized='table') }} select 1 as label",
        ),
        (
            "models/moods.sql",
            "{{ config(schema='moods', materialized='table') }} select 1 as mood",
        ),
    ] {
        pipeline.file(&format!("mine/{file}"), text);
    }
    pipeline
        .execute("drop table trends.release_calendar cascade")
        .await;
    let pipeline = pipeline.with("TEMPLATES_DIR", "mine");
    let transformed = pipeline.firstpress(&["transform"]).await;
    assert_eq!(transformed.code, Some(0), "{}", transformed.stderr);
    pipeline.file(
        "mine/models/moods.sql",
        "{{ config(schema='moods', materialized='view') }} select 2 as mood",
    );
    let transformed = pipeline.firstpress(&["transform"]).await;
    assert_eq!(transformed.code, Some(0), "{}", transformed.stderr);
    let pipeline = pipeline.with("TEMPLATES_DIR", "");
    let transformed = pipeline.firstpress(&["transform"]).await;
    assert_eq!(transformed.code, Some(0), "{}", transformed.stderr);
    let after = analyst.reads().await;
    assert_eq!(after.len(), before.len() + 1);
    assert!(
        before.iter().all(|table| after.contains(table)),
        "{before:?} {after:?}"
    );
    for also in ["moods.moods", "staging.stg_albums", "ops.runs"] {
        let read = format!("select from {also}");
        sqlx::query(&read).execute(&mut analyst.connection).await.unwrap();
    }

    analyst.leave(&pipeline.database.pool).await;
}

#[tokio::test]
async fn a_login_in_the_role_can_write_nothing_and_sees_no_raw_table() {
    let pipeline = Pipeline::new(still()).await;
    let mut analyst = Analyst::new(&pipeline).await;
    pipeline.run_well().await;
    for statement in [
        "select from raw.albums",
        "insert into trends.new_release_window values (now(), now())",
        "update core.dim_album set label = null",
        "delete from ops.runs",
        "truncate trends.weekly_top_releases",
        "create table trends.mine (one integer)",
        "create table core.mine (one integer)",
        "create table ops.mine (one integer)",
        "create schema mine",
        "create table aside.mine (one integer)",
        "select ops.enter_calls(1, null)",
        "drop table trends.release_calendar",
    ] {
        analyst.assert_refused(statement).await;
    }
    analyst.leave(&pipeline.database.pool).await;
}

/// On a server of the test's own, since roles belong to a server.
#[tokio::test]
async fn where_firstpress_may_not_create_roles_an_administrator_does_it_later() {
    let directory = empty_directory();
    let server = EmbeddedPostgres::start(Settings {
        directory: directory.join("postgres"),
        bin_dir: None,
        durable: false,
    })
    .await
    .unwrap();
    let admin = PgPool::connect(&server.url()).await.unwrap();
    for statement in [
        "create role app login password 'hush'",
        "create database app owner app",
    ] {
        sqlx::raw_sql(statement).execute(&admin).await.unwrap();
    }
    let mut url = Url::parse(&server.url()).unwrap();
    url.set_username("app").unwrap();
    url.set_password(Some("hush")).unwrap();
    url.set_path("app");
    let firstpress = async |arguments: &'static [&str]| {
        let mut firstpress = command(&directory, arguments);
        let ended = firstpress.env("DATABASE_URL", url.as_str()).output().await;
        let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{arguments:?}: {stderr}");
        serde_json::from_slice::<Value>(&ended.stdout).unwrap_or_default()
    };
    let readers = async || {
        let diagnosis = firstpress(&["doctor", "--sandbox"]).await;
        let mut findings = diagnosis["findings"].as_array().unwrap().iter();
        findings
            .find(|finding| finding["subject"] == "readers")
            .unwrap()
            .clone()
    };
    firstpress(&["run", "--sandbox", "--albums", "5"]).await;
    let found = readers().await;
    assert_eq!(found["verdict"], "warning", "{found}");
    let remedy = found["remedy"].as_str().unwrap();
    let statement = "create role firstpress_reader nologin; grant firstpress_reader to app";
    assert!(remedy.contains(statement), "{remedy}");

    sqlx::raw_sql(statement).execute(&admin).await.unwrap();
    assert_eq!(readers().await["verdict"], "warning", "it may not read yet");
    firstpress(&["migrate"]).await;
    let found = readers().await;
    assert_eq!(found["verdict"], "ok", "{found}");
    admin.close().await;
    server.stop().await.unwrap();
    std::fs::remove_dir_all(directory).unwrap();
}
