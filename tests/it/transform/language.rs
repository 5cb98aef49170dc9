//! What templates, descriptions and settings can say.

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
