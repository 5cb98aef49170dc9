//! The import table of the house: a room imports only from the rooms named here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ROOMS: [(&str, &[&str]); 28] = [
    ("domain", &[]),
    ("aws", &[]),
    ("config", &["aws", "domain"]),
    ("http", &[]),
    ("spotify", &["config", "domain", "http"]),
    ("reccobeats", &["config", "domain", "http"]),
    ("postgres", &["aws", "domain", "http", "spotify"]),
    (
        "extract",
        &["config", "domain", "postgres", "reccobeats", "spotify"],
    ),
    (
        "load",
        &["domain", "extract", "postgres", "reccobeats", "spotify"],
    ),
    ("archive", &["aws", "config", "postgres"]),
    ("transform", &["config"]),
    (
        "run",
        &[
            "archive",
            "config",
            "extract",
            "http",
            "load",
            "postgres",
            "reccobeats",
            "spotify",
            "transform",
        ],
    ),
    ("replay", &["archive", "config", "load"]),
    ("table", &[]),
    ("purge", &["archive", "config", "domain", "table"]),
    (
        "plan",
        &["extract", "postgres", "reccobeats", "run", "spotify", "table"],
    ),
    ("summary", &["table"]),
    ("status", &["config", "domain", "spotify", "table"]),
    ("html", &[]),
    ("docs", &["html", "transform"]),
    ("explore", &["domain"]),
    ("cell", &[]),
    ("dashboard", &["cell", "domain", "explore", "html", "status"]),
    (
        "serve",
        &["cell", "config", "dashboard", "domain", "explore", "status"],
    ),
    (
        "doctor",
        &[
            "archive",
            "config",
            "domain",
            "postgres",
            "reccobeats",
            "spotify",
            "table",
            "transform",
        ],
    ),
    ("quarantine", &["domain", "table"]),
    ("sandbox", &[]),
    ("telemetry", &["config", "http", "postgres", "run"]),
];

#[test]
fn rooms_import_only_from_the_rooms_above_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (room, allowed) in ROOMS {
        let files = rust_files(&src.join(room)).chain([src.join(format!("{room}.rs"))]);
        for file in files.filter(|file| file.exists()) {
            let text = std::fs::read_to_string(&file).unwrap();
            for imported in imports(&text) {
                assert!(
                    imported == room || allowed.contains(&imported.as_str()),
                    "{} imports from {imported}, which is not above {room}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn every_room_is_in_the_table() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let named: BTreeSet<String> = ROOMS
        .iter()
        .map(|(room, _)| (*room).to_owned())
        .chain(["cli", "lib", "main"].map(str::to_owned))
        .collect();
    let found: BTreeSet<String> = std::fs::read_dir(src)
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(found, named);
}

fn imports(text: &str) -> impl Iterator<Item = String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1)).map(|rest| {
        rest.chars()
            .take_while(|character| character.is_ascii_lowercase() || *character == '_')
            .collect()
    })
}

fn rust_files(directory: &Path) -> Box<dyn Iterator<Item = PathBuf>> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Box::new(std::iter::empty());
    };
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    Box::new(paths.into_iter().flat_map(|path| {
        if path.is_dir() {
            rust_files(&path)
        } else {
            Box::new([path].into_iter())
        }
    }))
}
