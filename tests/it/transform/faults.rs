//! Whatever is wrong or not supported is refused by name.

use super::Folder;

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
        "{{ config(materialized='materialized_view') }}",
        "models/m.sql:1: config: unknown variant `materialized_view`, expected one of",
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
        "models/m.sql:1: env_var('HOME') is not allowed",
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
    (
        "selectors.yml",
        "",
        "selectors.yml: selectors in YAML are not supported",
    ),
    (
        "functions/f.sql",
        "",
        "functions/f.sql: functions are not supported",
    ),
    (
        "models/p.yml",
        "snapshots: [{name: x}]",
        "models/p.yml: unknown field `snapshots`",
    ),
    (
        "models/p.yml",
        "metrics: [{name: x}]",
        "models/p.yml: unknown field `metrics`",
    ),
    (
        "models/p.yml",
        "semantic_models: [{name: x}]",
        "models/p.yml: unknown field `semantic_models`",
    ),
    (
        "models/p.yml",
        "saved_queries: [{name: x}]",
        "models/p.yml: unknown field `saved_queries`",
    ),
    (
        "models/p.yml",
        "groups: [{name: x}]",
        "models/p.yml: unknown field `groups`",
    ),
    (
        "models/p.yml",
        "functions: [{name: x}]",
        "models/p.yml: unknown field `functions`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, versions: [{v: 1}]}]",
        "models/p.yml: unknown field `versions`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, latest_version: 1}]",
        "models/p.yml: unknown field `latest_version`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, access: public}]",
        "models/p.yml: unknown field `access`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, group: x}]",
        "models/p.yml: unknown field `group`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, deprecation_date: 2026-01-01}]",
        "models/p.yml: unknown field `deprecation_date`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, config: {contract: {enforced: true}}}]",
        "models/p.yml: unknown field `contract`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, config: {grants: {select: [x]}}}]",
        "models/p.yml: unknown field `grants`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, config: {pre-hook: select 1}}]",
        "models/p.yml: unknown field `pre-hook`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, config: {group: x}}]",
        "models/p.yml: unknown field `group`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, config: {database: x}}]",
        "models/p.yml: unknown field `database`",
    ),
    (
        "models/m.sql",
        "{{ config(pre_hook='select 1') }}",
        "models/m.sql:1: config: unknown field `pre_hook`",
    ),
    (
        "models/m.sql",
        "{{ config(post_hook='select 1') }}",
        "models/m.sql:1: config: unknown field `post_hook`",
    ),
    (
        "models/m.sql",
        "{{ config(sql_header='select 1') }}",
        "models/m.sql:1: config: unknown field `sql_header`",
    ),
    (
        "models/m.sql",
        "{{ config(contract={'enforced': true}) }}",
        "models/m.sql:1: config: unknown field `contract`",
    ),
    (
        "models/m.sql",
        "{{ config(unlogged=true) }}",
        "models/m.sql:1: config: unknown field `unlogged`",
    ),
    (
        "dbt_project.yml",
        "name: shop\non-run-start: []",
        "dbt_project.yml: unknown field `on-run-start`",
    ),
    (
        "dbt_project.yml",
        "name: shop\ndispatch: []",
        "dbt_project.yml: unknown field `dispatch`",
    ),
    (
        "dbt_project.yml",
        "name: shop\nsnapshots: []",
        "dbt_project.yml: unknown field `snapshots`",
    ),
    (
        "dbt_project.yml",
        "name: shop\nquoting: []",
        "dbt_project.yml: unknown field `quoting`",
    ),
    (
        "dbt_project.yml",
        "name: shop\nsources: []",
        "dbt_project.yml: unknown field `sources`",
    ),
    (
        "dbt_project.yml",
        "name: shop\ndata_tests: {shop: {+severe: true}}",
        "dbt_project.yml: data_tests.shop: unknown field `severe`",
    ),
    (
        "models/m.sql",
        "{% call statement('x') %}{% endcall %}",
        "models/m.sql:1: `statement` is not supported",
    ),
    (
        "models/m.sql",
        "{{ graph.nodes }}",
        "models/m.sql:1: `graph` is not supported",
    ),
    (
        "models/m.sql",
        "{{ modules.datetime }}",
        "models/m.sql:1: `modules` is not supported",
    ),
    (
        "models/m.sql",
        "{{ exceptions.warn('x') }}",
        "models/m.sql:1: `exceptions` is not supported",
    ),
    (
        "models/m.sql",
        "{{ load_result('x') }}",
        "models/m.sql:1: `load_result` is not supported",
    ),
    (
        "models/m.sql",
        "{{ model.name }}",
        "models/m.sql:1: `model` is not supported",
    ),
    ("models/m.py", "", "models/m.py: Python models are not supported"),
    (
        "tests/t.sql",
        "select 1\n{{ nope }}",
        "tests/t.sql:2: `nope` is undefined",
    ),
    (
        "tests/t.sql",
        "{{ config(materialized='view') }}",
        "tests/t.sql:1: config: unknown field `materialized`",
    ),
    (
        "tests/t.sql",
        "select * from {{ ref('gone') }}",
        "tests/t.sql:1: ref('gone') names no model",
    ),
    (
        "tests/p.yml",
        "data_tests: [{name: gone}]",
        "tests/p.yml: describes test `gone`, which no file defines",
    ),
    (
        "tests/generic/t.sql",
        "{% test t(model) %}\n{% if %}{% endtest %}",
        "tests/generic/t.sql:2: syntax error",
    ),
    (
        "snapshots/s.yml",
        "",
        "snapshots/s.yml: snapshots are not supported",
    ),
    (
        "models/m.sql",
        "\n{% snapshot x %}{% endsnapshot %}",
        "models/m.sql:2: a `snapshot` block is not supported here",
    ),
    (
        "macros/m.sql",
        "{% materialization x, default %}{% endmaterialization %}",
        "macros/m.sql:1: a `materialization` block is not supported here",
    ),
    ("packages.yml", "", "packages.yml: packages are not supported"),
    ("seeds/s.csv", "", "seeds/s.csv: cannot be read as CSV"),
    (
        "seeds/s.csv",
        "a,a\n1,2\n",
        "seeds/s.csv: column name `a` is empty or there twice",
    ),
    (
        "seeds/s.csv",
        "a,b\n1,2,3\n",
        "seeds/s.csv: cannot be read as CSV",
    ),
    (
        "seeds/ok.csv",
        "a\n1\n",
        "model `ok` is defined twice: in models/ok.sql and in seeds/ok.csv",
    ),
    (
        "seeds/p.yml",
        "seeds: [{name: gone}]",
        "seeds/p.yml: describes seed `gone`, which no file defines",
    ),
    (
        "seeds/p.yml",
        "seeds: [{name: gone, config: {quote_columns: true}}]",
        "seeds/p.yml: unknown field `quote_columns`",
    ),
    (
        "models/m.sql",
        "{{ config(delimiter=';') }}",
        "models/m.sql: column_types and delimiter are for seeds",
    ),
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
        "dbt_project.yml: configures models/stagging, where there is nothing",
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
        "models/p.yml: test `dbt_utils.x` is unknown: no macro path and no tests/generic has {% test dbt_utils.x(",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, columns: [{name: id, tests: [{unique: {severity: severe}}]}]}]",
        "models/p.yml: test `unique`: severity is `warn` or `error`, found `severe`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, columns: [{name: id, tests: [{unique: {values: [1]}}]}]}]",
        "models/p.yml: test `unique`: too many arguments: unknown keyword argument `values`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, columns: [{name: id, tests: [{unique: {config: {sevrity: warn}}}]}]}]",
        "models/p.yml: test `unique`: unknown field `sevrity`",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, data_tests: [unique]}]",
        "`column_name` is undefined (called by models/p.yml), in check unique_ok",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, columns: [{name: id, data_tests: [accepted_values]}]}]",
        "`values` is undefined (called by models/p.yml), in check accepted_values_ok_id",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, columns: [{name: id, data_tests: [{relationships: {to: ref('gone'), field: id}}]}]}]",
        "models/p.yml:1: ref('gone') names no model",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, columns: [{name: id, data_tests: [{unique: {name: twice}}, {not_null: {name: twice}}]}]}]",
        "check `twice` (give one of the two a `name:`) is defined twice: in models/p.yml and in models/p.yml",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, data_tests: [{broken_test: {}}]}]",
        "macros/broken.sql:4: `oops` is undefined (called by models/p.yml), in check broken_test_ok",
    ),
    (
        "models/p.yml",
        "models: [{name: ok}, {name: ok}]",
        "description of model `ok` is defined twice: in models/p.yml and in models/p.yml",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, description: \"{{ doc('x') }}\"}]",
        "models/p.yml: description `{{ doc('x') }}`: doc('x') names no block {% docs x %} of a .md file",
    ),
    (
        "models/p.yml",
        "models: [{name: ok, description: \"{{ ref('ok') }}\"}]",
        "models/p.yml: description `{{ ref('ok') }}`: ref is unknown",
    ),
    (
        "models/d.md",
        "{% docs a %}x",
        "models/d.md: docs block `a` has no `enddocs`",
    ),
    (
        "models/d.md",
        "{% docs a %}{% enddocs %}{% docs a %}{% enddocs %}",
        "docs block `a` is defined twice: in models/d.md and in models/d.md",
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
    let mut missed = Vec::new();
    for (file, text, message) in FAULTS_IN_TEMPLATES.iter().chain(FAULTS_IN_FILES) {
        let folder = Folder::new(&[
            ("models/ok.sql", "select 1 as id"),
            (
                "macros/broken.sql",
                "{% macro broken() %}\n{{ oops }}{% endmacro %}\n{% test broken_test(model) %}\n{{ oops }}{% endtest %}",
            ),
            (*file, *text),
        ]);
        let said = match folder.load() {
            Ok(_) => "nothing".to_owned(),
            Err(error) => error.to_string(),
        };
        if !said.contains(*message) {
            missed.push(format!("{text}\n  said     {said}\n  expected {message}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
