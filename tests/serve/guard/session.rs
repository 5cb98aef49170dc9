//! Sessions that only read, whatever is asked of them.

use sqlx::PgPool;
use url::Url;

use crate::pipeline::{Pipeline, still};
use crate::server::{Server, reader, shared};

async fn code_of(pool: &PgPool, statement: &'static str) -> Option<String> {
    let error = sqlx::raw_sql(statement).execute(pool).await.unwrap_err();
    error.as_database_error()?.code().map(Into::into)
}

#[tokio::test]
async fn a_session_of_serve_writes_nothing_and_sees_no_raw_row() {
    let (_, pool) = reader(&shared().await.pipeline.database.url, &[]).await;
    let albums: i64 = sqlx::query_scalar("select count(*) from core.dim_album")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(albums, 60);
    let timeout: String = sqlx::query_scalar("show statement_timeout")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(timeout, "10s");
    let (read_only, denied) = (Some("25006".to_owned()), Some("42501".to_owned()));
    for write in [
        "delete from ops.runs",
        "create table ops.mine (a integer)",
        "drop table trends.weekly_top_releases",
    ] {
        assert_eq!(code_of(&pool, write).await, read_only, "{write}");
    }
    for forbidden in [
        "select * from raw.albums",
        "begin read write; delete from ops.runs",
    ] {
        assert_eq!(code_of(&pool, forbidden).await, denied, "{forbidden}");
    }
}

#[tokio::test]
async fn a_session_that_cannot_begin_says_why() {
    let pipeline = Pipeline::new(still()).await;
    pipeline
        .execute(
            "create schema ahead;
             create function ahead.set_config(text, text, boolean) returns text language plpgsql
             as $$ begin raise 'no sessions today'; end $$;
             do $$
             begin
                 execute format('alter database %I set search_path = ahead, pg_catalog', current_database());
             end $$",
        )
        .await;
    let ended = pipeline.firstpress(&["report"]).await;
    assert_eq!(ended.code, Some(1));
    for words in ["cannot connect to Postgres", "no sessions today"] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn who_may_not_be_the_reader_reads_with_a_warning() {
    let pipeline = Pipeline::new(still()).await;
    let name = format!("outsider_{}", std::process::id());
    let make = format!(
        "create role {name} login password 'hush';
         grant usage on schema ops to {name}; grant select on all tables in schema ops to {name}"
    );
    sqlx::raw_sql(&make)
        .execute(&pipeline.database.pool)
        .await
        .unwrap();
    let mut url = Url::parse(&pipeline.database.url).unwrap();
    url.set_username(&name).unwrap();
    url.set_password(Some("hush")).unwrap();
    let (_, pool) = reader(url.as_str(), &[]).await;
    let runs: i64 = sqlx::query_scalar("select count(*) from ops.runs")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(runs, 0);
    let writing = code_of(&pool, "insert into ops.runs values (null)").await;
    assert_eq!(writing.as_deref(), Some("25006"));
    pool.close().await;

    let database_url = pipeline.database.url.clone();
    let pipeline = pipeline.with("DATABASE_URL", url.as_str());
    let mut server = Server::start(&pipeline).await;
    let answer = reqwest::get(format!("{}/readyz", server.url)).await.unwrap();
    assert_eq!(answer.status(), 503, "nothing is published yet");
    server.process.says("may not act as firstpress_reader").await;
    drop(server);
    let admin = PgPool::connect(&database_url).await.unwrap();
    let drop = format!("drop owned by {name} cascade; drop role {name}");
    sqlx::raw_sql(&drop).execute(&admin).await.unwrap();
}
