//! The OpenAPI document says what there is, and its page loads from nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use reqwest::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use serde_json::{Value, json};

use crate::harness::database;
use crate::server::{self, in_process, shared};

/// What is for people to look at, or part of such a page.
const PAGES: [&str; 2] = ["pages", "openapi/page.rs"];

/// The paths of the document, and of these the tables': both as `core.dim_album` and as a path.
async fn document() -> (Value, BTreeSet<String>) {
    let document = shared().await.json("/openapi.json").await;
    let paths = document["paths"].as_object().unwrap();
    let paths = paths.keys().cloned().collect();
    (document, paths)
}

async fn published() -> Vec<String> {
    let query = "select relation from ops.published_models where relation ~ '^\"?(core|trends)' order by 1";
    shared().await.pipeline.column(query).await
}

#[tokio::test]
async fn it_is_openapi_3_1_and_says_who_is_let_in() {
    let (document, _) = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "firstpress");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"], json!([{ "url": "/" }]));
    assert_eq!(
        document["security"],
        json!([{}, { "bearer": [] }, { "basic": [] }])
    );
}

#[tokio::test]
async fn every_published_table_has_its_path() {
    let (_, paths) = document().await;
    let tables = published().await;
    assert!(tables.len() > 10, "{tables:?}");
    for table in tables {
        let (schema, name) = table.split_once('.').unwrap();
        let name = name.trim_matches('"').replace('_', "-");
        let path = format!("/api/v1/{}/{name}", schema.trim_matches('"'));
        assert!(paths.contains(&path), "{path} is not among {paths:?}");
    }
}

/// The routes are read from the source, as no router lists them.
#[tokio::test]
async fn every_route_that_is_no_page_is_in_it() {
    let (_, paths) = document().await;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve");
    let mut routes = Vec::new();
    routes_below(&source, &source, &mut routes);
    assert!(routes.contains(&"/openapi.json".to_owned()), "{routes:?}");
    let of_tables = |route: &str| route.ends_with("/{table}");
    for route in routes.into_iter().filter(|route| !of_tables(route)) {
        assert!(paths.contains(&route), "{route} is not among {paths:?}");
    }
}

fn routes_below(source: &Path, directory: &Path, routes: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let place = path.strip_prefix(source).unwrap().to_str().unwrap();
        if PAGES.iter().any(|page| place.starts_with(page)) {
            continue;
        }
        if path.is_dir() {
            routes_below(source, &path, routes);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for call in text.split(".route(").skip(1) {
                let first = call.split(',').next().unwrap().trim();
                let named = text.split(&format!("const {first}: &str = ")).nth(1);
                let literal = if first.starts_with('"') {
                    first
                } else {
                    named.expect(first)
                };
                routes.push(literal.split('"').nth(1).unwrap().to_owned());
            }
        }
    }
}

#[tokio::test]
async fn a_tables_columns_are_those_of_the_database() {
    let (document, _) = document().await;
    let rows: Vec<Value> = shared()
        .await
        .pipeline
        .column(
            "select jsonb_build_array(table_schema || '.' || table_name, column_name, data_type, is_nullable = 'YES')
             from information_schema.columns where table_schema in ('core', 'trends')",
        )
        .await;
    let mut tables: BTreeMap<&str, serde_json::Map<String, Value>> = BTreeMap::new();
    for row in &rows {
        let (table, column) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
        let (kind, format) = match row[2].as_str().unwrap() {
            "text" | "character varying" => ("string", Value::Null),
            "smallint" | "integer" | "bigint" => ("integer", Value::Null),
            "double precision" | "numeric" => ("number", Value::Null),
            "boolean" => ("boolean", Value::Null),
            "date" => ("string", json!("date")),
            "timestamp with time zone" => ("string", json!("date-time")),
            other => panic!("{table}.{column} is of type {other}"),
        };
        let nullable = row[3].as_bool().unwrap().then_some("null");
        let kinds: Vec<&str> = [kind].into_iter().chain(nullable).collect();
        let columns = tables.entry(table).or_default();
        columns.insert(column.to_owned(), json!([kinds, format]));
    }
    for table in published().await {
        let table = table.replace('"', "");
        let properties = document["components"]["schemas"][&table]["properties"].as_object();
        let described: serde_json::Map<String, Value> = properties
            .unwrap_or_else(|| panic!("{table} is not described"))
            .iter()
            .map(|(column, value)| (column.clone(), json!([value["type"], value["format"]])))
            .collect();
        assert_eq!(Some(&described), tables.get(table.as_str()), "{table}");
    }
}

#[tokio::test]
async fn an_operation_lists_the_answers_that_it_gives() {
    let (document, _) = document().await;
    let answers = |path: &str| {
        let answers = &document["paths"][path]["get"]["responses"];
        let answers: Vec<String> = answers.as_object().unwrap().keys().cloned().collect();
        answers.join(" ")
    };
    assert_eq!(answers("/healthz"), "200 414 431");
    assert_eq!(answers("/readyz"), "200 403 414 421 429 431 503");
    assert_eq!(
        answers("/api/v1/weeks"),
        "200 304 400 401 403 404 414 421 429 431 500 503"
    );
    let table = "/api/v1/core/dim-album";
    assert_eq!(
        answers(table),
        "200 304 400 401 403 404 406 409 414 421 429 431 500 503"
    );
    let headers = &document["paths"][table]["get"]["responses"]["200"]["headers"];
    let headers: Vec<&String> = headers.as_object().unwrap().keys().collect();
    assert_eq!(headers, ["ETag", "Link"]);
}

#[tokio::test]
async fn before_the_first_publication_it_says_what_is_always_there() {
    let empty = database().await;
    let document = server::json(&in_process(&empty.url, &[]).await, "/openapi.json").await;
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.contains_key("/openapi.json"));
    assert!(!paths.contains_key("/api/v1/core/dim-album"));
}

#[tokio::test]
async fn its_page_loads_from_here_alone_and_runs_no_script_of_its_own_text() {
    let page = shared().await.get("/docs").await;
    assert_eq!(page.status(), 200);
    let policy = page.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    let html = page.text().await.unwrap();
    let loaded: Vec<&str> = ["src=\"", "href=\""]
        .iter()
        .flat_map(|attribute| html.split(attribute).skip(1))
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|address| *address != "data:,") // no icon is asked for
        .collect();
    assert_eq!(loaded.len(), 4, "{loaded:?}");
    for address in loaded {
        assert!(
            address.starts_with('/') && !address.starts_with("//"),
            "{address}"
        );
        let file = shared().await.get(address).await;
        assert_eq!(file.status(), 200, "{address}");
        let caching = file.headers()[CACHE_CONTROL].to_str().unwrap();
        assert_eq!(
            caching.contains("immutable"),
            address.contains("swagger-ui-5"),
            "{address}"
        );
    }
}

#[test]
fn what_is_of_others_has_its_licence_and_its_version_beside_it() {
    let vendor = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/openapi/vendor");
    let text = |name: &str| fs::read_to_string(vendor.join(name)).unwrap();
    assert!(text("swagger-ui/LICENSE").contains("Apache License"));
    assert!(text("swagger-ui/NOTICE").contains("SmartBear"));
    let script = text("swagger-ui/swagger-ui-bundle.js");
    let named = script.split("swagger-ui-bundle.js.LICENSE.txt").count();
    assert!(
        named > 1
            && vendor
                .join("swagger-ui/swagger-ui-bundle.js.LICENSE.txt")
                .exists()
    );
    let page = fs::read_to_string(vendor.join("../page/index.html")).unwrap();
    let version = page
        .split("swagger-ui-")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    assert!(text("README.md").contains(version), "{version}");
}
