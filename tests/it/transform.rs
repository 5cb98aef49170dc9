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

#[test]
fn models_stand_after_what_they_refer_to() {
    let folder = Folder::new(&[
        ("models/a.sql", "select * from {{ ref('c') }}"),
        ("models/marts/b.sql", "select 1 as id"),
        (
            "models/c.sql",
            "select * from {{ ref('shop', 'b') }} join {{ ref('d') }} using (id)",
        ),
        ("models/d.sql", "{#- ref('nothing') -#} select 1 as id"),
    ]);
    let rendered = folder.load().unwrap().render(None).unwrap();
    let order: Vec<&str> = rendered.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(order, ["b", "d", "c", "a"]);
    assert_eq!(rendered[0].file, "models/marts/b.sql");
    assert_eq!(rendered[3].sql, r#"select * from "shop"."c""#);
}

#[test]
fn a_circle_is_named() {
    let folder = Folder::new(&[
        ("models/a.sql", "select * from {{ ref('b') }}"),
        ("models/b.sql", "select * from {{ ref('c') }}"),
        ("models/c.sql", "select * from {{ ref('b') }}"),
    ]);
    let error = folder.load().unwrap_err();
    assert_eq!(
        error.to_string(),
        "models refer to each other in a circle: b -> c -> b"
    );
}

/// Faults that a user makes: the file, its text, and the beginning of what is said.
type Fault = (&'static str, &'static str, &'static str);

const FAULTS_IN_TEMPLATES: &[Fault] = &[
    (
        "models/m.sql",
        "select\n{{ nope }}",
        "models/m.sql:2: `nope` is undefined",
    ),
    (
        "models/m.sql",
        "select {{ target.nope }}",
        "models/m.sql:1: `target.nope` is undefined",
    ),
    (
        "models/m.sql",
        "\n\n{{ nope(1) }}",
        "models/m.sql:3: unknown function: nope is unknown",
    ),
    (
        "models/m.sql",
        "{% if nope %}{% endif %}",
        "models/m.sql:1: `nope` is undefined",
    ),
    (
        "models/m.sql",
        "{% if %}",
        "models/m.sql:1: syntax error: unexpected end of block",
    ),
    (
        "models/m.sql",
        "select * from {{ ref('x') }}",
        "models/m.sql:1: ref('x') names no model: there is no x.sql among the models",
    ),
    (
        "models/m.sql",
        "\nselect * from {{ source('s', 't') }}",
        "models/m.sql:2: source('s', 't') is not declared under `sources:` in a .yml file",
    ),
    (
        "models/m.sql",
        "{{ config(materialized='snapshot') }}",
        "models/m.sql:1: config: unknown variant `snapshot`, expected one of `view`, `table`, `incremental`",
    ),
    (
        "models/m.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch') }}",
        "models/m.sql:1: config: unknown variant `microbatch`, expected one of `append`, `delete+insert`, `merge`",
    ),
    (
        "models/m.sql",
        "{{ config(sort='x') }}",
        "models/m.sql:1: config: unknown field `sort`, expected",
    ),
    (
        "models/m.sql",
        "select {{ var('x') }}",
        "models/m.sql:1: var('x') has no value in dbt_project.yml",
    ),
    (
        "models/m.sql",
        "{{ ref('m', v=2) }}",
        "models/m.sql:1: too many arguments: unknown keyword argument 'v'",
    ),
    (
        "models/m.sql",
        "{{ env_var('HOME') }}",
        "models/m.sql:1: `env_var` is not supported",
    ),
    (
        "models/m.sql",
        "{{ run_query('x') }}",
        "models/m.sql:1: `run_query` is not supported",
    ),
    (
        "models/m.sql",
        "{% if execute %}{% endif %}",
        "models/m.sql:1: `execute` is not supported",
    ),
    (
        "models/m.sql",
        "{{ adapter.dispatch('x') }}",
        "models/m.sql:1: `adapter` is not supported",
    ),
    (
        "models/m.sql",
        "{{ config(materialized='view', indexes=[{'columns': ['a']}]) }}",
        "models/m.sql: a view cannot have indexes",
    ),
    (
        "models/m.sql",
        "{{ broken() }}",
        "macros/broken.sql:2: `oops` is undefined (called by models/m.sql)",
    ),
];

const FAULTS_IN_FILES: &[Fault] = &[
    ("models/m.py", "", "models/m.py: Python models are not supported"),
    (
        "tests/t.sql",
        "select 1",
        "tests/t.sql: singular tests are not supported yet",
    ),
    ("seeds/s.csv", "", "seeds/s.csv: seeds are not supported yet"),
    (
        "macros/ref.sql",
        "{% macro ref(x) %}{% endmacro %}",
        "macro `ref` is defined twice: in dbt itself and in macros/ref.sql",
    ),
    (
        "dbt_project.yml",
        "name: shop\non-run-end: x",
        "dbt_project.yml: unknown field `on-run-end`",
    ),
    (
        "dbt_project.yml",
        "name: shop\nmodels: {shop: {+grants: {}}}",
        "dbt_project.yml: models.shop: unknown field `grants`",
    ),
    (
        "dbt_project.yml",
        "name: shop\nmodels: {shop: {schema: x}}",
        "dbt_project.yml: models.shop.schema is no folder",
    ),
    (
        "dbt_project.yml",
        "name: shop\nmodels: {shop: {stagging: {}}}",
        "dbt_project.yml: configures models/stagging, where no model is",
    ),
    (
        "models/p.yml",
        "models: [{name: x}]",
        "models/p.yml: describes model `x`, which no file defines",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, constraints: []}]",
        "models/p.yml: unknown field `constraints`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, columns: [{name: id, tests: [dbt_utils.x]}]}]",
        "models/p.yml: test `dbt_utils.x`: unknown variant `dbt_utils.x`, expected one of",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, columns: [{name: id, tests: [{unique: {severity: warn}}]}]}]",
        "models/p.yml: test `unique`: severity `warn` is not supported yet",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, columns: [{name: id, tests: [{unique: {values: [1]}}]}]}]",
        "models/p.yml: test `unique`: unknown field `values`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok}, {name: ok}]",
        "description of model `ok` is defined twice: in models/p.yml and in models/p.yml",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, description: \"{{ doc('x') }}\"}]",
        "models/p.yml: Jinja in a description is not supported yet",
    ),
    (
        "models/other/ok.sql",
        "select 1",
        "model `ok` is defined twice: in models/ok.sql and in models/other/ok.sql",
    ),
    (
        "models/m.sql",
        "{{ config(alias='ok') }}select 1",
        "\"shop\".\"ok\" is defined twice: in models/m.sql and in models/ok.sql",
    ),
];

#[test]
fn every_fault_in_the_project_is_refused_by_name() {
    for (file, text, message) in FAULTS_IN_TEMPLATES.iter().chain(FAULTS_IN_FILES) {
        let folder = Folder::new(&[
            ("models/ok.sql", "select 1 as id"),
            (
                "macros/broken.sql",
                "{% macro broken() %}\n{{ oops }}{% endmacro %}",
            ),
            (*file, *text),
        ]);
        let error = folder.load().map(drop).expect_err(text).to_string();
        assert!(
            error.contains(*message),
            "{text}\n  said     {error}\n  expected {message}"
        );
    }
}

#[test]
fn templates_speak_dbt() {
    let folder = Folder::new(&[
        (
            "dbt_project.yml",
            "name: shop\nvars: {days: 7, shop: {days: 28, list: [b, a], map: {z: 1, a: 2}}}\nmodels: {shop: {+schema: x}}",
        ),
        (
            "macros/cents.sql",
            "{% macro cents(column, scale=2) %}round({{ plain(column) }}, {{ scale }}){% endmacro %}",
        ),
        (
            "macros/more/plain.sql",
            "{% macro plain(name) -%} {{ name | lower }} {%- endmacro %}",
        ),
        (
            "models/m.sql",
            "{{ config(materialized='table', tags=['a']) }}\n\
             {%- set columns = var('list') %}\n\
             select {% for c in columns %}{{ c }}{{ ', ' if not loop.last }}{% endfor %}, {{ cents('PRICE', scale=1) }}\n\
             {% for k, v in var('map').items() %}, {{ v }} as {{ k }}{% endfor %}\n\
             , {{ var('days') }}, {{ var('none', 3) }}, '{{ target.type }}', '{{ this.schema }}', {{ this }}\n\
             {%- if is_incremental() %} never {% endif -%}{#- gone -#}\n\
             , '{{ run_started_at.strftime('%Y') | length }}'",
        ),
    ]);
    assert_eq!(
        folder.sql("m"),
        "select b, a, round(price, 1)\n, 1 as z, 2 as a\n, 28, 3, 'postgres', 'x', \"x\".\"m\", '4'"
    );
}

#[test]
fn the_schema_is_what_generate_schema_name_says() {
    let files = [
        ("models/m.sql", "select 1 as id"),
        ("models/n.sql", "{{ config(schema='own') }} select 1 as id"),
    ];
    let schemas = |folder: &Folder| -> Vec<String> {
        folder
            .load()
            .unwrap()
            .render(None)
            .unwrap()
            .into_iter()
            .map(|model| model.schema)
            .collect()
    };
    let folder = Folder::new(&files);
    assert_eq!(schemas(&folder), ["shop", "own"]);
    folder.write("macros/generate_schema_name.sql", "");
    assert_eq!(schemas(&folder), ["public_shop", "public_own"]);
    let by_node = "{% macro generate_schema_name(custom, node) %}{{ node.fqn | join('_') }}{% endmacro %}";
    folder.write("macros/generate_schema_name.sql", by_node);
    assert_eq!(schemas(&folder), ["shop_m", "shop_n"]);
}

/// The model's own `config()` wins over its .yml file, that over the folders, and a deeper folder over a higher.
#[test]
fn the_nearest_configuration_wins() {
    let settings =
        |folders: &str| format!("name: shop\nmodels: {{shop: {{+schema: top, marts: {{{folders}}}}}}}");
    let folder = Folder::new(&[
        ("dbt_project.yml", &settings("+tags: [a]")),
        ("models/marts/m.sql", "select 1 as id"),
    ]);
    let schema = || folder.load().unwrap().render(None).unwrap()[0].schema.clone();
    assert_eq!(schema(), "top");
    folder.write("dbt_project.yml", &settings("+schema: folder"));
    assert_eq!(schema(), "folder");
    folder.write(
        "dbt_project.yml",
        &settings("+schema: folder, m: {+schema: model}"),
    );
    assert_eq!(schema(), "model");
    folder.write("models/p.yml", "models: [{name: m, config: {schema: described}}]");
    assert_eq!(schema(), "described");
    folder.write("models/marts/m.sql", "{{ config(schema='own') }} select 1 as id");
    assert_eq!(schema(), "own");
}

#[test]
fn selection_follows_references() {
    let folder = Folder::new(&[
        ("models/a.sql", "select 1 as id"),
        ("models/b.sql", "select * from {{ ref('a') }}"),
        ("models/c.sql", "select * from {{ ref('b') }}"),
        ("models/d.sql", "select 1 as id"),
    ]);
    let project = folder.load().unwrap();
    for (selection, expected) in [
        ("b", "b"),
        ("b+", "bc"),
        ("+b", "ab"),
        ("+b+", "abc"),
        ("a d", "ad"),
        ("a+ d", "abcd"),
    ] {
        let chosen: String = project
            .render(Some(selection))
            .unwrap()
            .into_iter()
            .map(|model| model.name)
            .collect();
        assert_eq!(chosen, expected, "{selection}");
    }
    for selection in ["x+", "tag:nightly", ""] {
        let error = project.render(Some(selection)).unwrap_err();
        assert!(
            matches!(error, TransformError::UnknownSelection(_)),
            "{selection}: {error}"
        );
    }
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
