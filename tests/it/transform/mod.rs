//! Tests of the transform room: small dbt projects, built in a database of the test's own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use firstpress::transform::{CheckStatus, Options, Project, TransformError, TransformReport, transform};
use sqlx::{Connection, Executor, PgConnection, PgPool};
use uuid::Uuid;

mod data_tests;
mod docs;
mod ephemeral;
mod faults;
mod language;
#[cfg(feature = "seeds")]
mod seeds;
mod selection;
mod unit_tests;
mod variables;

use crate::harness::database;

const SETTINGS: &str = "name: shop\nmodels:\n  shop:\n    +materialized: table\n    +schema: shop\n";
const OWN_SCHEMAS: &str = "{% macro generate_schema_name(custom_schema_name, node) -%}\n\
    {{ target.schema if custom_schema_name is none else custom_schema_name | trim }}\n{%- endmacro %}";

/// A project in a folder of its own, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(std::env::temp_dir().join(format!("firstpress-{}", Uuid::now_v7())));
        folder.write("dbt_project.yml", SETTINGS);
        folder.write("macros/generate_schema_name.sql", OWN_SCHEMAS);
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn load(&self) -> Result<Project, TransformError> {
        Project::load(Some(&self.0))
    }

    fn sql(&self, model: &str) -> String {
        let rendered = self.load().unwrap().render(Some(model)).unwrap();
        rendered.into_iter().next().unwrap().sql
    }

    pub(crate) async fn build(&self, session: &Session) -> Result<TransformReport, TransformError> {
        transform(&session.pool, &self.load()?, &Options::default(), |_, _, _| {}).await
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A database of the test's own: a connection to look with, and the pool that a transform works with.
pub(crate) struct Session {
    connection: PgConnection,
    pub(crate) pool: PgPool,
}

impl Deref for Session {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// A migrated database of the test's own.
pub(crate) async fn with_database(test: impl AsyncFnOnce(&mut Session, &str)) {
    let database = database().await;
    let mut session = Session {
        connection: PgConnection::connect(&database.url).await.unwrap(),
        pool: database.pool.clone(),
    };
    test(&mut session, &database.url).await;
    session.connection.close().await.unwrap();
}

pub(crate) async fn run(connection: &mut PgConnection, sql: &str) {
    connection.execute(sqlx::raw_sql(sql)).await.unwrap();
}

/// The rows of a query, each as text.
pub(crate) async fn rows(connection: &mut PgConnection, query: &str) -> Vec<String> {
    let query = format!("select (q.*)::text from ({query}) as q");
    sqlx::query_scalar(&query)
        .persistent(false)
        .fetch_all(connection)
        .await
        .unwrap()
}

pub(crate) async fn add_run(connection: &mut PgConnection) -> Uuid {
    let run_id = Uuid::now_v7();
    let insert = format!("insert into ops.runs values ('{run_id}', 'running', now(), null, '0', 'http://x')");
    run(connection, &insert).await;
    run_id
}

pub(crate) fn names(report: &TransformReport) -> Vec<&str> {
    report.models.iter().map(|model| model.name.as_str()).collect()
}

#[tokio::test]
async fn tables_views_and_comments_land() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/staging/s.sql", "{{ config(materialized='view') }} select a, b from {{ source('in', 't') }}"),
            ("models/m.sql", "{{ config(indexes=[{'columns': ['a'], 'unique': true}]) }} select * from {{ ref('s') }}"),
            (
                "models/p.yml",
                "sources: [{name: in, schema: incoming, tables: [{name: t, columns: [{name: a, tests: [unique]}]}]}]\n\
                 models:\n- name: m\n  description: It's the table\n  columns:\n  - {name: a, description: 'Key'}\n\
                 - name: s\n  description: The view\n",
            ),
        ]);
        run(connection, "create schema incoming; create table incoming.t as select 1 as a, 'x' as b").await;
        let report = folder.build(connection).await.unwrap();
        assert_eq!(names(&report), ["s", "m"]);
        assert_eq!((report.models[0].rows, report.models[1].rows), (None, Some(1)));
        assert_eq!(report.checks[0].name, "unique_in_t_a");
        assert_eq!(rows(connection, "select * from shop.m").await, ["(1,x)"]);
        let comments = "select obj_description('shop.m'::regclass), col_description('shop.m'::regclass, 1), \
                        obj_description('shop.s'::regclass)";
        assert_eq!(rows(connection, comments).await, [r#"("It's the table",Key,"The view")"#]);
        let index = "select indexname from pg_indexes where tablename = 'm' and indexdef like '%UNIQUE%'";
        assert_eq!(rows(connection, index).await, ["(m_a_btree_key)"]);

        let described = "select xmin from pg_description where objoid = 'shop.m'::regclass";
        let before = rows(connection, described).await;
        folder.build(connection).await.unwrap();
        assert_eq!(rows(connection, described).await, before, "comments that say the same are left alone");
    })
    .await;
}

/// With a key and without one, only the rows that differ are written.
#[tokio::test]
async fn only_differing_rows_are_rewritten() {
    with_database(async |connection, _| {
        for (model, config) in [("keyed", "unique_key='id'"), ("plain", "")] {
            let sql = format!("{{{{ config({config}) }}}} select * from public.feed");
            let folder = Folder::new(&[(&format!("models/{model}.sql"), &sql)]);
            run(
                connection,
                "create table feed (id int, name text, extra json, score numeric);
                 insert into feed values (1, 'same', '{}', 1), (2, 'changes', null, 2), (3, 'goes', null, null),
                     (5, null, null, null)",
            )
            .await;
            folder.build(connection).await.unwrap();
            let place = format!("select id, xmin, ctid from shop.{model} where id in (1, 5) order by id");
            let before = rows(connection, &place).await;
            run(
                connection,
                "update feed set score = 2.0 where id = 2; delete from feed where id = 3;
                 insert into feed values (4, 'comes', '[1]', null)",
            )
            .await;
            let report = folder.build(connection).await.unwrap();
            let changed = &report.models[0];
            assert_eq!((changed.rows, changed.inserted, changed.deleted), (Some(4), 2, 2), "{model}");
            assert_eq!(rows(connection, &place).await, before, "{model}");
            let differences = format!("table feed except all select * from shop.{model}").replace("table feed", "select id, name, extra::text, score::text from feed").replace("select * from shop", "select id, name, extra::text, score::text from shop");
            assert_eq!(rows(connection, &differences).await, Vec::<String>::new(), "{model}");
            let report = folder.build(connection).await.unwrap();
            assert_eq!((report.models[0].inserted, report.models[0].deleted), (0, 0), "{model}");
            run(connection, "drop table feed").await;
        }
    })
    .await;
}

#[tokio::test]
async fn rows_that_are_equal_are_counted() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[("models/m.sql", "select * from public.feed")]);
        run(
            connection,
            "create table feed as select 'x' as name from generate_series(1, 3)",
        )
        .await;
        folder.build(connection).await.unwrap();
        run(
            connection,
            "delete from feed where ctid = '(0,1)'; insert into feed values (null), (null)",
        )
        .await;
        let report = folder.build(connection).await.unwrap();
        assert_eq!((report.models[0].inserted, report.models[0].deleted), (2, 1));
        assert_eq!(
            rows(connection, "select * from shop.m order by 1").await,
            ["(x)", "(x)", "()", "()"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_not_one_is_refused() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[(
            "models/m.sql",
            "{{ config(unique_key=['id']) }} select 1 as id from generate_series(1, 2)",
        )]);
        let error = folder.build(connection).await.unwrap_err().to_string();
        assert!(
            error.starts_with("models/m.sql: could not create unique index"),
            "{error}"
        );
        assert!(error.contains("Key (id)=(1) is duplicated"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn an_analysts_view_and_grant_live_on() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[("models/m.sql", "select 1 as id, 'old' as name")]);
        folder.build(connection).await.unwrap();
        let grants = "select relname, relacl from pg_class where relname = 'm'";
        run(
            connection,
            "create view mine as select id, name from shop.m; grant select on shop.m to public",
        )
        .await;
        let before = rows(connection, grants).await;

        folder.write("models/m.sql", "select 1 as id, 'new' as name");
        folder.build(connection).await.unwrap();
        assert_eq!(rows(connection, "select * from mine").await, ["(1,new)"]);

        folder.write("models/m.sql", "select 1 as id, 'new' as name, 2.5 as price");
        folder.build(connection).await.unwrap();
        assert_eq!(rows(connection, "select * from shop.m").await, ["(1,new,2.5)"]);
        assert_eq!(rows(connection, grants).await, before);

        folder.write("models/m.sql", "select 1::bigint as id, 'new' as name");
        let error = folder.build(connection).await.unwrap_err().to_string();
        assert!(error.contains(r#""public"."mine" would be lost"#), "{error}");
        assert_eq!(rows(connection, "select * from shop.m").await, ["(1,new,2.5)"]);

        run(connection, "drop view mine").await;
        folder.build(connection).await.unwrap();
        assert_eq!(rows(connection, "select name, id from shop.m").await, ["(new,1)"]);
        assert_eq!(rows(connection, grants).await, before);
    })
    .await;
}

/// A table whose type changes makes way for itself below our own views, and models change their kind.
#[tokio::test]
async fn our_own_views_are_no_hindrance() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/t.sql", "select 1 as id"),
            (
                "models/v.sql",
                "{{ config(materialized='view') }} select * from {{ ref('t') }}",
            ),
            (
                "models/w.sql",
                "{{ config(materialized='view') }} select * from {{ ref('v') }}",
            ),
        ]);
        folder.build(connection).await.unwrap();
        let view = "select xmin, oid from pg_class where relname = 'w'";
        let before = rows(connection, view).await;
        folder.build(connection).await.unwrap();
        assert_eq!(
            rows(connection, view).await,
            before,
            "an unchanged view is left alone"
        );

        folder.write("models/t.sql", "select 'one' as id");
        folder.build(connection).await.unwrap();
        assert_eq!(rows(connection, "select * from shop.w").await, ["(one)"]);

        folder.write(
            "models/v.sql",
            "{{ config(materialized='table') }} select id, 2 as n from {{ ref('t') }}",
        );
        folder.write(
            "models/t.sql",
            "{{ config(materialized='view') }} select 'two' as id",
        );
        folder.build(connection).await.unwrap();
        assert_eq!(rows(connection, "select * from shop.w").await, ["(two,2)"]);
        folder.write(
            "models/w.sql",
            "{{ config(materialized='view') }} select n from {{ ref('v') }}",
        );
        folder.build(connection).await.unwrap();
        assert_eq!(rows(connection, "select * from shop.w").await, ["(2)"]);
    })
    .await;
}

#[tokio::test]
async fn a_failing_check_changes_nothing_and_is_recorded() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/a.sql", "select * from (values (1, 'x'), (2, 'y')) as v (id, kind)"),
            ("models/b.sql", "select id as a_id from {{ ref('a') }}"),
            (
                "models/p.yml",
                "models:\n- name: a\n  data_tests:\n  - unique: {arguments: {column_name: \"id || '-' || kind\"}}\n  columns:\n  - name: id\n    data_tests: [unique, not_null]\n  \
                 - name: kind\n    tests:\n    - accepted_values: {values: [x, 'y']}\n\
                 - name: b\n  columns:\n  - name: a_id\n    data_tests:\n    - relationships:\n        arguments: {to: ref('a'), field: id}\n        config: {where: a_id > 0}\n    - accepted_values: {arguments: {values: [1, 2], quote: false}}\n",
            ),
        ]);
        let project = folder.load().unwrap();
        let run_id = add_run(connection).await;
        let options = Options { run_id: Some(run_id), ..Options::default() };
        let report = transform(&connection.pool, &project, &options, |_, _, _| {}).await.unwrap();
        assert!(report.checks.iter().all(|check| check.status == CheckStatus::Passed));
        let recorded = "select check_name, passed, failing_rows from ops.check_results order by run_id, check_name";
        assert_eq!(
            rows(connection, recorded).await,
            [
                "(accepted_values_a_kind,t,0)",
                "(accepted_values_b_a_id,t,0)",
                "(not_null_a_id,t,0)",
                "(relationships_b_a_id,t,0)",
                "(unique_a_id,t,0)",
                "(unique_a_id_kind,t,0)"
            ]
        );

        run(connection, "delete from ops.check_results").await;
        folder.write("models/a.sql", "select * from (values (1, 'x'), (1, 'z'), (3, 'q'), (null, 'x')) as v (id, kind)");
        folder.write("models/b.sql", "select * from (values (1), (8), (9), (9), (null), (-1)) as v (a_id)");
        folder.write("models/c.sql", "select 1 as new");
        let error = transform(&connection.pool, &folder.load().unwrap(), &options, |_, _, _| {}).await.unwrap_err();
        let TransformError::ChecksFailed(failed) = error else { panic!("{error}") };
        assert_eq!(failed.len(), 5);
        assert_eq!(
            rows(connection, recorded).await,
            [
                "(accepted_values_a_kind,f,2)",
                "(accepted_values_b_a_id,f,3)",
                "(not_null_a_id,f,1)",
                "(relationships_b_a_id,f,3)",
                "(unique_a_id,f,1)",
                "(unique_a_id_kind,t,0)"
            ]
        );
        assert_eq!(rows(connection, "select * from shop.a order by 1").await, ["(1,x)", "(2,y)"]);
        assert_eq!(rows(connection, "select to_regclass('shop.c')").await, ["()"]);

        let only_c = Options { select: Some("c".to_owned()), ..Options::default() };
        let report = transform(&connection.pool, &folder.load().unwrap(), &only_c, |_, _, _| {}).await.unwrap();
        assert_eq!((names(&report), report.checks.len()), (vec!["c"], 0));
        assert_eq!(rows(connection, "select * from shop.a order by 1").await, ["(1,x)", "(2,y)"]);
    })
    .await;
}

#[tokio::test]
async fn a_model_that_fails_leaves_everything_as_it_was() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/a.sql", "select 1 as id"),
            ("models/b.sql", "select id from {{ ref('a') }}"),
        ]);
        folder.build(connection).await.unwrap();
        folder.write("models/a.sql", "select 0 as id");
        for (sql, message) in [
            (
                "select 1 / id as id\nfrom {{ ref('a') }}",
                "models/b.sql: division by zero",
            ),
            (
                "{{ config() }}\nselect id,\n  nope\nfrom {{ ref('a') }}",
                r#"models/b.sql (line 2 of the rendered SQL): column "nope" does not exist"#,
            ),
            (
                "select 1; commit; select 2",
                r#"models/b.sql (line 1 of the rendered SQL): syntax error at or near ";""#,
            ),
        ] {
            folder.write("models/b.sql", sql);
            let error = folder.build(connection).await.unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
            assert_eq!(rows(connection, "select * from shop.a").await, ["(1)"]);
            assert_eq!(rows(connection, "select * from shop.b").await, ["(1)"]);
        }
        folder.write("models/b.sql", "select {{ undefined_name }} from {{ ref('a') }}");
        assert!(matches!(
            folder.build(connection).await,
            Err(TransformError::Template { .. })
        ));
        folder.write("models/b.sql", "select id from {{ ref('a') }}");
        folder.write(
            "models/p.yml",
            "models: [{name: b, columns: [{name: gone, description: x}]}]",
        );
        let error = folder.build(connection).await.unwrap_err().to_string();
        assert_eq!(
            error,
            "models/p.yml: describes column `gone`, which model `b` does not have"
        );
        assert_eq!(rows(connection, "select * from shop.a").await, ["(1)"]);
    })
    .await;
}

/// Another session reads both tables again and again while they are published over and over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_the_old_or_the_new_and_never_a_mixture() {
    with_database(async |connection, url| {
        let folder = Folder::new(&[
            ("models/a.sql", "select id, version from generate_series(1, 500) as id, public.feed"),
            ("models/b.sql", "{{ config(unique_key='id') }} select id, version from {{ ref('a') }}"),
            ("models/v.sql", "{{ config(materialized='view') }} select * from {{ ref('b') }}"),
        ]);
        run(connection, "create table feed as select 0 as version").await;
        folder.build(connection).await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let (stop, url) = (Arc::clone(&done), url.to_owned());
        let reader = tokio::spawn(async move {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let mut seen = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let query = "select version, count(*) from (table shop.a union all table shop.b union all table shop.v) x group by 1";
                let found: Vec<(i32, i64)> = sqlx::query_as(query).fetch_all(&mut connection).await.unwrap();
                assert_eq!(found.len(), 1, "one version: {found:?}");
                assert_eq!(found[0].1, 1500, "all rows: {found:?}");
                seen.push(found[0].0);
            }
            seen
        });
        for version in 1..=30 {
            run(connection, &format!("update feed set version = {version}")).await;
            folder.build(connection).await.unwrap();
        }
        done.store(true, Ordering::Relaxed);
        let mut seen = reader.await.unwrap();
        assert!(seen.is_sorted(), "never back in time");
        seen.dedup();
        assert!(seen.len() > 5, "the reader was there while versions changed: {seen:?}");
    })
    .await;
}
