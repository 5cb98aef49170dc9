//! `firstpress docs`: the page as its readers see it, and what every model of ours must say of itself.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use firstpress::docs::{Docs, Facts};
use firstpress::transform::{Options, Project, transform};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::pipeline::{Pipeline, empty_directory, still};
use crate::process::command;
use crate::transform::{Folder, Session, with_database};

/// What the project and the database of a session say.
async fn docs(project: &Project, session: &Session) -> Docs {
    let catalog = project.catalog().unwrap();
    let facts = Facts::read(&session.pool, &catalog).await.unwrap();
    Docs::new(catalog, Some(facts))
}

/// Builds a project and says what each model lacks: a line for each.
async fn gaps(project: &Project, session: &Session) -> Vec<String> {
    transform(&session.pool, project, &Options::default(), |_, _, _| {})
        .await
        .unwrap();
    let docs = docs(project, session).await;
    assert!(
        docs.models()
            .all(|model| model.stands && !model.columns.is_empty()),
        "every model is there, so that every column is seen"
    );
    let gaps = docs.models().flat_map(|model| {
        let gap = |gap: &String| format!("{}: {gap}", model.name);
        model.gaps.iter().map(gap).collect::<Vec<_>>()
    });
    gaps.collect()
}

/// Ours: every model and every column that its table has is described, and a test keeps its key unique and not null.
#[tokio::test]
async fn every_model_of_ours_is_described_and_its_key_is_tested() {
    with_database(async |session, _| {
        assert_eq!(
            gaps(&Project::load(None).unwrap(), session).await,
            Vec::<String>::new()
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_model_lacks_is_named() {
    let folder = Folder::new(&[
        ("models/bare.sql", "select 1 as id, 2 as price"),
        (
            "models/half.sql",
            "{{ config(unique_key=['id', 'day']) }} select 1 as id, 2 as day",
        ),
        (
            "models/indexed.sql",
            "{{ config(indexes=[{'columns': ['id', 'day'], 'unique': true}]) }} select 1 as id, 2 as day",
        ),
        ("models/some_rows.sql", "select 1 as id"),
        (
            "models/p.yml",
            "models:
  - name: half
    description: Half
    columns:
      - {name: id, description: Id, data_tests: [unique, not_null]}
  - name: indexed
    description: All
    columns:
      - {name: id, description: Id, data_tests: [not_null]}
      - {name: day, description: Day, data_tests: [not_null]}
  - name: some_rows
    description: Tested in part
    columns:
      - {name: id, description: Id, data_tests: [unique: {where: id > 0}, not_null]}",
        ),
    ]);
    with_database(async |session, _| {
        let project = folder.load().unwrap();
        assert_eq!(
            gaps(&project, session).await,
            [
                "bare: no description",
                "bare: no description of id, price",
                "bare: nothing says what identifies a row",
                "half: no description of day",
                "half: its key (id, day) is not tested to be unique",
                "some_rows: nothing says what identifies a row",
            ]
        );
        let page = docs(&project, session).await.page().unwrap();
        assert!(page.contains("half</a>: no description of day; its key (id, day) is not tested"));
    })
    .await;
}

/// Runs `firstpress docs` and returns the page that it writes.
async fn page(pipeline: &Pipeline) -> String {
    let file = pipeline.file("page.html", "");
    let arguments = ["docs", "--output", file.to_str().unwrap()];
    let output = pipeline.spawn(&arguments).wait_with_output().await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with(file.to_str().unwrap()), "{said}");
    std::fs::read_to_string(file).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the page says of a model.
fn article<'a>(page: &'a str, model: &str) -> &'a str {
    let begin = format!("<article id=\"model.firstpress.{model}\"");
    let rest = page.split(&begin).nth(1);
    rest.unwrap_or_else(|| panic!("the page has no {model}"))
        .split("</article>")
        .next()
        .unwrap()
}

/// Puts our project, with one text of one file replaced, into `project` where the commands run.
fn our_project(pipeline: &Pipeline, file: &str, (old, new): (&str, &str)) {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut open = vec![templates.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(&templates).unwrap().to_str().unwrap();
            let mut text = std::fs::read_to_string(&path).unwrap();
            if name == file {
                assert!(text.contains(old), "{file}");
                text = text.replacen(old, new, 1);
            }
            pipeline.file(&format!("project/{name}"), &text);
        }
    }
}

#[tokio::test]
async fn the_page_shows_every_model_with_the_rows_of_its_table() {
    let pipeline = Pipeline::new(still()).await;
    let report = pipeline.run_well().await;
    let page = page(&pipeline).await;
    for model in report["models"].as_array().unwrap() {
        let name = model["name"].as_str().unwrap();
        let article = article(&page, name);
        if model["materialization"] != "view" {
            let table = format!("{}.{name}", model["schema"].as_str().unwrap());
            let rows: i64 = sqlx::query_scalar(&format!("select count(*) from {table}"))
                .fetch_one(&pipeline.database.pool)
                .await
                .unwrap();
            assert!(
                rows < 1000,
                "{table} has so many rows that commas would stand between"
            );
            assert!(
                article.contains(&format!("<strong>{rows}</strong>")),
                "{name}: {rows}"
            );
        }
        let why = if model["materialization"] == "incremental" {
            "new"
        } else {
            "built each time"
        };
        assert!(article.contains(why), "{name}");
        let node = format!("data-node=\"model.firstpress.{name}\"");
        assert_eq!(page.matches(&node).count(), 2, "{name} is drawn and listed");
    }
    let edges = page.matches("class=\"edge\"").count();
    let edge = "data-from=\"source.firstpress.raw.albums\" data-to=\"model.firstpress.stg_albums\"";
    assert!(page.contains(edge) && edges > 30, "{edges} edges");
    let top = article(&page, "weekly_top_releases");
    for shown in [
        "Monday of the week of release",
        ">date<",
        "trends.weekly_top_releases",
        "release_week, rank",
    ] {
        assert!(top.contains(shown), "{shown}");
    }
    assert!(!page.contains("not made yet") && !page.contains("not built yet"));
}

/// A check that fails is shown with the rows that it found, and shown to pass once it does, whoever made it.
#[tokio::test]
async fn a_failing_check_is_shown_with_its_rows_until_it_passes() {
    let pipeline = Pipeline::new(still()).await.with("TEMPLATES_DIR", "project");
    let accept = |values: &str| {
        let old = "      - name: release_type\n";
        let tests = format!("        data_tests: [accepted_values: {{values: [{values}]}}]\n");
        our_project(
            &pipeline,
            "models/core/core.yml",
            (old, &(old.to_owned() + &tests)),
        );
    };
    accept("no such type");
    assert_eq!(pipeline.run().await.code, Some(3));
    let failed = page(&pipeline).await;
    let album = article(&failed, "dim_album");
    assert!(album.contains("✗ failed</span>, 4 rows"), "{album}");
    assert!(album.contains("<td>compilation</td>"), "{album}");
    assert!(failed.contains("<strong class=\"failed\">1 failed</strong>"));
    assert!(failed.contains("The latest run failed: nothing was published"));

    accept("album, single, ep, compilation");
    assert_eq!(pipeline.firstpress(&["transform"]).await.code, Some(0));
    assert!(!article(&page(&pipeline).await, "dim_album").contains("✗ failed"));

    accept("no such type");
    assert_eq!(pipeline.firstpress(&["transform"]).await.code, Some(3));
    let failed = page(&pipeline).await;
    let album = article(&failed, "dim_album");
    assert!(
        album.contains("✗ failed") && album.contains("<td>compilation</td>"),
        "{album}"
    );
    assert!(
        album.contains("by <code>firstpress transform</code>"),
        "what stands was built by hand"
    );
}

#[tokio::test]
async fn the_catalog_is_printed_as_json() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let ended = pipeline.firstpress(&["docs", "--json"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let nodes = ended.result["nodes"].as_array().unwrap();
    let album = nodes.iter().find(|node| node["name"] == "dim_album").unwrap();
    let albums: i64 = pipeline.value("select count(*) from core.dim_album").await;
    assert_eq!(album["built"]["rows"], albums);
    assert_eq!(album["columns"][0]["type"], "text");
    assert_eq!(album["key"], serde_json::json!(["album_id"]));
    assert!(
        album["raw_sql"].as_str().unwrap().contains("ref('")
            && !album["rendered_sql"].as_str().unwrap().contains("ref('")
    );
    let of = |key: &str| -> Vec<&str> {
        let ids = album[key].as_array().unwrap();
        ids.iter().filter_map(Value::as_str).collect()
    };
    assert!(of("parents").contains(&"model.firstpress.stg_albums"));
    assert!(of("children").contains(&"model.firstpress.weekly_top_releases"));

    our_project(
        &pipeline,
        "models/core/dim_artist.sql",
        ("select", "select /* another */"),
    );
    let tagged = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/models/core/dim_track.sql"),
    );
    let tagged = tagged
        .unwrap()
        .replace("{{ config(", "{{ config(tags=['weekly'],");
    pipeline.file("project/models/core/dim_track.sql", &tagged);
    let changed = pipeline
        .with("TEMPLATES_DIR", "project")
        .firstpress(&["docs", "--json"])
        .await;
    let nodes = changed.result["nodes"].as_array().unwrap();
    let track = nodes.iter().find(|node| node["name"] == "dim_track").unwrap();
    assert_eq!(track["tags"], serde_json::json!(["weekly"]));
    let changed: Vec<&Value> = nodes
        .iter()
        .filter(|node| node["has_changed_since"] == true)
        .map(|node| &node["name"])
        .collect();
    assert_eq!(changed, ["dim_artist"], "built from other SQL than the project's");
}

#[tokio::test]
async fn a_project_without_a_database_has_a_page_too() {
    let directory = empty_directory();
    let docs = async |url: &str| {
        let output = command(&directory, &["docs"])
            .env("DATABASE_URL", url)
            .output()
            .await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(text(&output.stdout).starts_with("firstpress-docs.html: 23 models (0 built)"));
        let page = std::fs::read_to_string(directory.join("firstpress-docs.html")).unwrap();
        assert!(article(&page, "dim_album").contains("not built yet"));
        text(&output.stderr)
    };
    assert_eq!(docs("").await, "");
    assert!(
        !directory.join(".firstpress").exists(),
        "no database is made for it"
    );
    let warned = docs("postgres://nobody:secret@127.0.0.1:1/nothing").await;
    assert!(
        warned.contains("127.0.0.1:1") && !warned.contains("secret"),
        "{warned}"
    );

    let output = command(&directory, &["docs", "--output", "-"]).output().await;
    assert!(text(&output.stdout).starts_with("<!doctype html>"));
    let output = command(&directory, &["docs", "--output", "nowhere/page.html"])
        .output()
        .await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot write nowhere/page.html"));
    std::fs::remove_dir_all(directory).unwrap();
}

/// Whatever a project says is text, and the page may run and load nothing but what firstpress put into it.
#[test]
fn what_a_project_says_is_shown_as_text() {
    let hostile = "</script><script>alert('&')</script><img src=https://example.com/x>";
    let folder = Folder::new(&[
        ("models/m.sql", &format!("select 1 as id -- {hostile}")),
        (
            "models/p.yml",
            &format!(
                "models: [{{name: m, description: \"{hostile}\", config: {{tags: [\"{hostile}\"]}},
                  columns: [{{name: \"{hostile}\", description: \"{hostile}\"}}]}}]"
            ),
        ),
    ]);
    let page = Docs::new(folder.load().unwrap().catalog().unwrap(), None)
        .page()
        .unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
    assert!(page.matches("&lt;script&gt;alert").count() >= 6);
    let between = |begin: &str, end: &str| {
        let parts: Vec<&str> = page.split(begin).collect();
        assert_eq!(parts.len(), 2, "one {begin}");
        parts[1].split(end).next().unwrap()
    };
    let policy = between("Content-Security-Policy\" content=\"", "\"");
    let policy = policy.replace("&#39;", "'");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (kind, content) in [
        ("style", between("<style>", "</style>")),
        ("script", between("<script>", "</script>")),
    ] {
        let hash = BASE64_STANDARD.encode(Sha256::digest(content));
        let allowed = format!("{kind}-src 'sha256-{hash}'");
        assert!(policy.contains(&allowed), "{allowed} in {policy}");
        assert!(
            !content.contains("url(") && !content.contains("@import") && !content.contains("fetch"),
            "the {kind} asks nobody"
        );
    }
    assert!(!page.contains(" style=\""), "the policy would drop it");
}
