//! Unit tests of models: rows in, rows out.

use sqlx::PgConnection;

use super::{Folder, names, rows, run, with_database};

const MODEL: &str = "with paid as (select * from {{ source('in', 'orders') }} where amount > {{ var('least', 0) }})\n\
    select customer, sum(amount) as total, max(day) as last_day, count(*)::integer as orders\n\
    from paid join {{ ref('customers') }} using (customer)\n\
    {% if is_incremental() %} where day > (select max(last_day) from {{ this }}) {% endif %}\ngroup by customer";

fn folder(unit_test: &str) -> Folder {
    let folder = Folder::new(&[
        (
            "macros/noted.sql",
            "{% macro noted(text) %}{{ text }}{% endmacro %}",
        ),
        (
            "models/customers.sql",
            "select 'ann' as customer, null::jsonb as extra {{ noted(text='') }}",
        ),
        ("models/m.sql", MODEL),
        (
            "models/p.yml",
            "sources: [{name: in, schema: incoming, tables: [{name: orders}]}]",
        ),
        (
            "tests/fixtures/two_orders.csv",
            "customer,amount,day\nann,1.50,2026-01-01\nbob,,\n",
        ),
        (
            "tests/fixtures/orders_sql.sql",
            "select 'ann' as customer, 2.5 as amount, date '2026-01-03' as day;",
        ),
    ]);
    folder.write(
        "models/unit.yml",
        &format!("unit_tests:\n- name: t\n  model: m\n{unit_test}"),
    );
    folder
}

async fn add_orders(connection: &mut PgConnection) {
    run(
        connection,
        "create schema incoming;
         create table incoming.orders (customer text, amount numeric(10, 2), day date, note json)",
    )
    .await;
}

const GIVEN: &str = "  given:\n  \
    - {input: ref('customers'), rows: [{customer: ann, extra: {a: 1}}]}\n  \
    - input: source('in', 'orders')\n    rows:\n    \
    - {customer: ann, amount: 1.5, day: 2026-01-01, note: [1]}\n    \
    - {customer: ann, amount: \"2.50\", day: 2026-01-03}\n    \
    - {customer: bob, amount: 7}\n    - {customer: ann}\n";

#[tokio::test]
async fn a_model_makes_the_rows_that_are_expected() {
    with_database(async |connection, _| {
        add_orders(connection).await;
        let by_csv = "  given:\n  - {input: ref('customers'), format: csv, rows: \"customer\\nann\\n\"}\n  \
                      - {input: \"source('in', 'orders')\", format: csv, fixture: two_orders}\n";
        let by_sql = "  given:\n  - {input: ref('customers'), format: sql, rows: select 'ann' as customer}\n  \
                      - {input: \"source('in', 'orders')\", format: sql, fixture: orders_sql}\n";
        let this = "  - {input: this, rows: [{last_day: 2026-01-02}]}\n";
        for (given, this, rest) in [
            (GIVEN, "", "expect: {rows: [{customer: ann, total: 4, last_day: 2026-01-03, orders: 2}]}"),
            (GIVEN, "", "expect: {rows: [{orders: 2, total: \"4.00\"}]}"),
            (GIVEN, "", "expect: {format: csv, rows: \"customer,total\\nann,4.0\\n\"}"),
            (GIVEN, "", "expect: {format: sql, rows: \"select 4 as total, 'ann' as customer\"}"),
            (GIVEN, "", "overrides: {macros: {noted: ''}}\n  expect: {rows: [{orders: 2}]}"),
            (GIVEN, "", "overrides: {vars: {least: 2}}\n  expect: {rows: [{total: 2.5}]}"),
            (GIVEN, this, "overrides: {macros: {is_incremental: true}}\n  expect: {rows: [{total: 2.5, orders: 1}]}"),
            (GIVEN, this, "overrides: {macros: {is_incremental: true}, vars: {least: 5}}\n  expect: {rows: []}"),
            (by_csv, "", "expect: {rows: [{total: 1.5}]}"),
            (by_sql, "", "expect: {rows: [{total: 2.5, last_day: 2026-01-03}]}"),
            (GIVEN, "", "config: {enabled: false}\n  expect: {rows: []}"),
        ] {
            let folder = folder(&format!("{given}{this}  {rest}\n"));
            run(connection, "create schema if not exists shop; create table if not exists shop.m (customer text, total numeric, last_day date, orders integer)").await;
            let report = folder.build(connection).await.unwrap_or_else(|error| panic!("{rest}: {error}"));
            assert_eq!(names(&report), ["customers", "m"], "{rest}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_failure_tells_the_rows_of_both_sides_and_nothing_is_published() {
    with_database(async |connection, _| {
        add_orders(connection).await;
        for (rest, said) in [
            (
                "expect: {rows: [{customer: ann, total: 5}, {customer: bob, total: null}]}",
                r#"missing {"customer":"ann","total":5}, {"customer":"bob","total":null}; there instead {"customer":"ann","total":4.00}"#,
            ),
            ("expect: {rows: []}", r#"missing none; there instead {"customer":"ann","total":4.00,"last_day":"2026-01-03","orders":2}"#),
            (
                "expect: {rows: [{total: 4}, {total: 4}]}",
                r#"missing {"total":4}; there instead none"#,
            ),
            (
                "expect: {format: sql, rows: \"select g as total from generate_series(1, 8) g\"}",
                r#"missing {"total":1}, {"total":2}, {"total":3}, {"total":5}, {"total":6} and 2 more; there instead none"#,
            ),
        ] {
            let folder = folder(&format!("{GIVEN}  {rest}\n"));
            let error = folder.build(connection).await.unwrap_err().to_string();
            let head = "models/unit.yml: unit test `t` of model `m` failed: ";
            assert!(error.starts_with(&format!("{head}{said}")), "{rest}: {error}");
            assert_eq!(rows(connection, "select to_regclass('shop.m'), to_regclass('shop.customers')").await, ["(,)"]);
        }
        for (rest, said) in [
            ("expect: {rows: [{totl: 1}]}", r#"models/unit.yml: column "totl" does not exist"#),
            ("expect: {rows: [{total: x}]}","models/unit.yml: invalid input syntax for type numeric"),
        ] {
            let folder = folder(&format!("{GIVEN}  {rest}\n"));
            let error = folder.build(connection).await.unwrap_err().to_string();
            assert!(error.starts_with(said), "{rest}: {error}");
        }
        let folder = folder(&format!("{}  expect: {{rows: []}}\n", GIVEN.replace("note:","nte:")));
        let error = folder.build(connection).await.unwrap_err().to_string();
        assert!(error.contains("column fixture.nte does not exist"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn an_ephemeral_model_is_tested_and_replaced_too() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/e.sql","{{ config(materialized='ephemeral') }} select n + 1 as n from {{ ref('base') }}"),
            ("models/base.sql","select 1 as n"),
            ("models/m.sql","select n * 2 as n from {{ ref('e') }}"),
            (
                "models/p.yml",
                "unit_tests:\n- {name: a, model: e, given: [{input: ref('base'), rows: [{n: 4}]}], expect: {rows: [{n: 5}]}}\n\
                 - {name: a, model: m, given: [{input: ref('e'), format: sql, rows: select 3 as n}], expect: {rows: [{n: 6}]}}\n",
            ),
        ]);
        folder.build(connection).await.unwrap();
        folder.write("models/e.sql","{{ config(materialized='ephemeral') }} select n + 2 as n from {{ ref('base') }}");
        let error = folder.build(connection).await.unwrap_err().to_string();
        assert_eq!(
            error,
            r#"models/p.yml: unit test `a` of model `e` failed: missing {"n":5}; there instead {"n":6}"#
        );
    })
    .await;
}

#[test]
fn what_a_unit_test_leaves_open_is_refused() {
    let given = "given: [{input: ref('customers'), rows: []}, {input: \"source('in', 'orders')\", rows: []}]";
    for (written, said) in [
        (
            "  given: [{input: ref('customers'), rows: []}]\n  expect: {rows: []}",
            "gives no rows for source('in', 'orders'), which model `m` reads",
        ),
        (
            "  given: [{input: ref('gone'), rows: []}]\n  expect: {rows: []}",
            "ref('gone') names no model",
        ),
        (
            "  given: [{input: customers, rows: []}]\n  expect: {rows: []}",
            "an input of a unit test is ref(…), source(…) or this; found customers",
        ),
        (
            "  given: [{input: 1 + 1, rows: []}]\n  expect: {rows: []}",
            "an input of a unit test is ref(…), source(…) or this; found 1 + 1",
        ),
        (
            "  given: [{input: ref('customers'), rows: x}]\n  expect: {rows: []}",
            "unit test `t`: ref('customers'): rows of format dict are a list",
        ),
        (
            "  given: [{input: ref('customers'), fixture: gone, format: csv}]\n  expect: {rows: []}",
            "unit test `t`: ref('customers'): fixture `gone` is no .csv or .sql file",
        ),
        (
            &format!("  {given}\n  expect: {{rows: [], fixture: two_orders}}"),
            "unit test `t`: expect: rows and fixture exclude each other",
        ),
        (
            &format!("  {given}\n  overrides: {{macros: {{gone: 1}}}}\n  expect: {{rows: []}}"),
            "unit test `t`: overrides macro `gone`, which does not exist",
        ),
        (
            &format!("  {given}\n  versions: [1]\n  expect: {{rows: []}}"),
            "unknown field `versions`",
        ),
        (
            &format!("  {given}\n  expect: {{rows: []}}\n- {{name: u, model: gone, expect: {{rows: []}}}}"),
            "unit test `u`: there is no model `gone`",
        ),
        (
            &format!(
                "  {given}\n  expect: {{rows: []}}\n- {{name: t, model: m, {given}, expect: {{rows: []}}}}"
            ),
            "unit test `t` is defined twice",
        ),
    ] {
        let error = folder(&format!("{written}\n")).load().unwrap_err().to_string();
        assert!(error.contains(said), "{written}\n{error}");
    }
}
