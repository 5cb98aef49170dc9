//! What templates, descriptions and settings can say.

use firstpress::transform::Severity;

use super::Folder;

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
fn what_is_disabled_is_as_if_it_were_not_there() {
    let folder = Folder::new(&[
        (
            "dbt_project.yml",
            "name: shop\nmodels: {shop: {off: {+enabled: false}}}",
        ),
        ("models/a.sql", "select 1 as id"),
        ("models/off/b.sql", "select * from {{ ref('a') }}"),
        ("models/off/on.sql", "{{ config(enabled=true) }} select 2 as id"),
        (
            "models/c.sql",
            "{{ config(enabled=var('c', false)) }} select 3 as id",
        ),
        (
            "models/p.yml",
            "models:\n- {name: a, columns: [{name: id, data_tests: [{relationships: {to: ref('b'), field: id}}, unique]}]}\n\
             - {name: c, data_tests: [{unique: {column_name: id}}]}\n\
             sources: [{name: s, tables: [{name: on}, {name: off, config: {enabled: false}}]}]\n\
             unit_tests: [{name: t, model: b, given: [{input: ref('a')}], expect: {rows: []}}]\n\
             exposures: [{name: x, type: dashboard, owner: {name: y}, depends_on: [ref('a')]}]\n",
        ),
    ]);
    let catalog = folder.load().unwrap().catalog().unwrap();
    let sources = catalog
        .sources
        .iter()
        .map(|source| (source.name.as_str(), source.tests.len()));
    let models = catalog
        .models
        .iter()
        .map(|model| (model.name.as_str(), model.tests.len()));
    let said: Vec<(&str, usize)> = sources.chain(models).collect();
    assert_eq!(said, [("on", 0), ("a", 1), ("on", 0)]);
    folder.write("models/d.sql", "select * from {{ ref('b') }}");
    assert_eq!(
        folder.load().unwrap_err().to_string(),
        "models/d.sql: refers to model `b`, which is disabled"
    );
    folder.write("models/d.sql", "select * from {{ source('s', 'off') }}");
    let error = folder.load().unwrap_err().to_string();
    assert!(
        error.starts_with("models/d.sql:1: source('s', 'off') is not declared"),
        "{error}"
    );
}

#[test]
fn what_is_said_of_models_can_be_documented() {
    let folder = Folder::new(&[
        (
            "dbt_project.yml",
            "name: shop\nmodels: {shop: {+schema: shop, +tags: [all], +meta: {owner: x}, +docs: {node_color: red}}}",
        ),
        (
            "models/a.sql",
            "{{ config(tags=['own', 'all']) }} select * from {{ source('in', 't') }}",
        ),
        ("models/hidden.sql", "select * from {{ ref('a') }}"),
        ("tests/s.sql", "select * from {{ ref('a') }} where false"),
        (
            "models/p.yml",
            "models:\n- name: a\n  description: The a\n  config: {tags: yml}\n  columns:\n  \
             - {name: id, description: Key, config: {meta: {x: 1}}, data_tests: [{unique: {description: Sole, config: {severity: warn}}}]}\n\
             - {name: hidden, docs: {show: false}}\n\
             sources: [{name: in, tags: fed, tables: [{name: t, description: The t}]}]\n\
             unit_tests: [{name: u, description: Rows, model: a, given: [{input: \"source('in', 't')\"}], expect: {rows: []}}]\n",
        ),
    ]);
    let catalog = folder.load().unwrap().catalog().unwrap();
    assert_eq!(catalog.sources[0].description.as_deref(), Some("The t"));
    let [model] = &catalog.models[..] else {
        panic!("{:?}", catalog.models)
    };
    assert_eq!(
        (model.name.as_str(), model.description.as_deref()),
        ("a", Some("The a"))
    );
    assert_eq!(model.tags, ["all", "yml", "own"]);
    assert_eq!(model.parents, ["source.shop.in.t"]);
    let tests: Vec<_> = model
        .tests
        .iter()
        .map(|test| {
            (
                test.name.as_str(),
                test.kind.as_str(),
                test.description.as_deref(),
                test.severity,
            )
        })
        .collect();
    assert_eq!(
        tests,
        [
            ("unique_a_id", "unique", Some("Sole"), Severity::Warn),
            ("s", "singular", None, Severity::Error),
        ]
    );
    let unit_tests = &model.unit_tests[0];
    assert_eq!(
        (unit_tests.name.as_str(), unit_tests.description.as_deref()),
        ("u", Some("Rows"))
    );
}
