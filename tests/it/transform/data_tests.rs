//! Data tests: severities, thresholds, filters, and tests that the project writes itself.

use firstpress::transform::{CheckStatus, TransformError, TransformReport};

use super::{Folder, Session, run, with_database};

/// Name, whether it passed, and how many rows it found.
fn checks(report: &TransformReport) -> Vec<(&str, bool, i64)> {
    let found = report.checks.iter();
    found
        .map(|check| {
            (
                check.name.as_str(),
                check.status != CheckStatus::Failed,
                check.failing_rows,
            )
        })
        .collect()
}

/// The checks that failed, by name and count.
async fn failures(folder: &Folder, connection: &Session) -> Vec<(String, i64)> {
    match folder.build(connection).await {
        Ok(_) => Vec::new(),
        Err(TransformError::ChecksFailed(failed)) => failed
            .into_iter()
            .map(|check| (check.name, check.failing_rows))
            .collect(),
        Err(error) => panic!("{error}"),
    }
}

const THREE_BAD: &str =
    "select id, case when id < 4 then null else id end as n from generate_series(1, 10) as id";

#[tokio::test]
async fn severity_and_thresholds_decide_what_a_count_means() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[("models/m.sql", THREE_BAD)]);
        for (config, fails) in [
            ("severity: warn", false),
            ("severity: WARN", false),
            ("error_if: '> 3'", false),
            ("error_if: '>2'", true),
            ("{severity: error, warn_if: '>0', error_if: '>=10'}", false),
            ("{severity: warn, error_if: '>0'}", false),
            ("where: id > 3", false),
            ("{where: id > 2}", true),
            (
                "{where: \"coalesce(n, {{ var('most', 3) }}) > {{ 2 + 1 }}\"}",
                false,
            ),
            ("{where: \"{{ 'id > 2' }}\"}", true),
            ("limit: 1", true),
            ("{limit: 1, error_if: '>1'}", false),
            ("{fail_calc: sum(id), error_if: '>6'}", false),
            ("{fail_calc: sum(id), error_if: '>=6'}", true),
            ("enabled: false", false),
            ("store_failures: true", true),
        ] {
            for form in [
                format!("{{not_null: {{config: {}}}}}", braced(config)),
                format!("{{not_null: {}}}", braced(config)),
            ] {
                let yaml = format!("models: [{{name: m, columns: [{{name: n, data_tests: [{form}]}}]}}]");
                folder.write("models/p.yml", &yaml);
                let failed = failures(&folder, connection).await;
                assert_eq!(!failed.is_empty(), fails, "{form}: {failed:?}");
            }
        }
    })
    .await;
}

fn braced(config: &str) -> String {
    match config.starts_with('{') {
        true => config.to_owned(),
        false => format!("{{{config}}}"),
    }
}

#[tokio::test]
async fn the_project_writes_generic_tests() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/m.sql", THREE_BAD),
            ("models/n.sql", "select 3 as three"),
            (
                "tests/generic/at_most.sql",
                "{% test at_most(model, column_name, most) %}\n{{ config(severity='warn') }}\n\
                 select * from {{ model }} where {{ column_name }} > {{ most }}\n{% endtest %}",
            ),
            (
                "macros/holds.sql",
                "{%- test holds(model, expression, column_name=none, of=[]) -%}\nselect 1 from {{ model }}\n\
                 where not ({{ column_name or '' }} {{ expression }})\n\
                 {%- for other in of %} or id = (select max(three) from {{ other }}) {%- endfor %}\n{%- endtest -%}",
            ),
            (
                "models/p.yml",
                "models:\n- name: m\n  data_tests:\n  - holds: {arguments: {expression: id > 1}, config: {where: id < 9}}\n  \
                 - holds: {name: one_more, description: x, arguments: {expression: id < 100, of: [ref('n'), \"{{ ref('n') }}\"]}}\n  \
                 - {name: by_name, test_name: holds, arguments: {expression: id < 5 + 5}}\n  columns:\n  - name: id\n    data_tests:\n    \
                 - at_most: {most: 8}\n    - at_most: {name: strict, arguments: {most: \"{{ 3 * 3 }}\"}, config: {severity: error}}\n    \
                 - holds: {arguments: {expression: '> 2'}}\n",
            ),
        ]);
        let failed = failures(&folder, connection).await;
        let failed: Vec<(&str, i64)> = failed.iter().map(|(name, rows)| (name.as_str(), *rows)).collect();
        assert_eq!(
            failed,
            [("holds_m_id_1", 1), ("one_more", 1), ("by_name", 1), ("strict", 1), ("holds_m_id", 2)]
        );
        folder.write("models/m.sql", "select 9 as id, 2 as n");
        let report = folder.build(connection).await.unwrap();
        assert!(checks(&report).contains(&("at_most_m_id", true, 1)), "{:?}", checks(&report));
    })
    .await;
}

/// A project's own `unique` takes the place of the built-in one, as in dbt.
#[tokio::test]
async fn a_built_in_test_can_be_replaced() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/m.sql", "select 1 as id"),
            (
                "models/p.yml",
                "models: [{name: m, columns: [{name: id, data_tests: [unique]}]}]",
            ),
            (
                "macros/t.sql",
                "{% test unique(model, column_name) %}select * from {{ model }}{% endtest %}",
            ),
        ]);
        assert_eq!(
            failures(&folder, connection).await,
            [("unique_m_id".to_owned(), 1)]
        );
    })
    .await;
}

#[tokio::test]
async fn singular_tests_read_what_is_about_to_be_published() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/m.sql", "select 1 as id"),
            (
                "tests/deep/none_negative.sql",
                "select * from {{ ref('m') }} where id < 0",
            ),
            (
                "tests/warned.sql",
                "{{ config(severity='warn', error_if='>5') }} select * from {{ ref('m') }}",
            ),
            (
                "tests/t.yml",
                "data_tests: [{name: none_negative, description: No, config: {severity: error}}]",
            ),
        ]);
        let report = folder.build(connection).await.unwrap();
        assert_eq!(checks(&report), [("none_negative", true, 0), ("warned", true, 1)]);
        folder.write("models/m.sql", "select -1 as id");
        assert_eq!(
            failures(&folder, connection).await,
            [("none_negative".to_owned(), 1)]
        );
    })
    .await;
}

#[tokio::test]
async fn a_test_on_a_source_and_on_a_quoted_column() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/m.sql", "select * from {{ source('in', 't') }}"),
            (
                "models/p.yml",
                "sources: [{name: in, schema: incoming, tables: [{name: t, data_tests: [{unique: {column_name: '\"A b\" + 1'}}], \
                 columns: [{name: A b, quote: true, data_tests: [{not_null: {config: {where: '\"A b\" > 0'}}}]}]}]}]",
            ),
        ]);
        run(connection, "create schema incoming; create table incoming.t as select 1 as \"A b\"").await;
        let report = folder.build(connection).await.unwrap();
        assert_eq!(checks(&report), [("unique_in_t_A_b_1", true, 0), ("not_null_in_t_A_b", true, 0)]);
    })
    .await;
}

#[tokio::test]
async fn a_relationship_is_checked_when_either_side_is_built() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/parent.sql", "select 1 as id"),
            ("models/child.sql", "select 1 as parent_id"),
            (
                "models/p.yml",
                "models: [{name: child, columns: [{name: parent_id, data_tests: [{relationships: {to: ref('parent'), field: id}}]}]}]",
            ),
        ]);
        folder.build(connection).await.unwrap();
        folder.write("models/parent.sql", "select 2 as id");
        let options = firstpress::transform::Options {
            select: Some("parent".to_owned()),
            ..Default::default()
        };
        let project = folder.load().unwrap();
        let error = firstpress::transform::transform(&connection.pool, &project, &options, |_, _, _| {}).await;
        assert!(matches!(error, Err(TransformError::ChecksFailed(_))), "{error:?}");
    })
    .await;
}
