//! The project's files, from a folder or from the copy built into the binary.

use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

use super::TransformError;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// A file of the project.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// Relative to the project's folder, with `/` between the parts.
    pub(super) path: String,
    /// Empty unless the file is SQL, YAML, Markdown or CSV; nothing else is read.
    pub(super) text: String,
}

impl SourceFile {
    /// The file's name without folder and extension: a model's name.
    pub(super) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// Whether the file lies under one of the folders.
    pub(super) fn is_under(&self, folders: &[String]) -> bool {
        folders.iter().any(|folder| {
            self.path
                .strip_prefix(folder.trim_matches('/'))
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    pub(super) fn is_sql(&self) -> bool {
        self.path.ends_with(".sql")
    }

    pub(super) fn is_yaml(&self) -> bool {
        self.path.ends_with(".yml") || self.path.ends_with(".yaml")
    }

    pub(super) fn is_markdown(&self) -> bool {
        self.path.ends_with(".md")
    }

    pub(super) fn is_csv(&self) -> bool {
        self.path.ends_with(".csv")
    }

    fn is_read(&self) -> bool {
        self.is_sql() || self.is_yaml() || self.is_markdown() || self.is_csv()
    }

    /// The file's YAML.
    pub(super) fn yaml<T: DeserializeOwned>(&self) -> Result<T, TransformError> {
        serde_saphyr::from_str(&self.text).map_err(|error| self.error(error.without_snippet()))
    }

    /// An error about this file.
    pub(super) fn error(&self, detail: impl ToString) -> TransformError {
        TransformError::Project {
            file: self.path.clone(),
            detail: detail.to_string(),
        }
    }
}

/// Every file of the project in `folder`, or of the built-in project, ordered by path.
pub(super) fn read(folder: Option<&Path>) -> Result<Vec<SourceFile>, TransformError> {
    let mut files = Vec::new();
    match folder {
        Some(folder) => read_folder(folder, "", &mut files)?,
        None => read_built_in(&BUILT_IN, &mut files),
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> Result<(), TransformError> {
    let unreadable = |path: &Path, error: std::io::Error| TransformError::Project {
        file: path.display().to_string(),
        detail: format!("cannot be read: {error}"),
    };
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            read_folder(&path, &format!("{prefix}{name}/"), files)?;
            continue;
        }
        let mut file = SourceFile {
            path: format!("{prefix}{name}"),
            text: String::new(),
        };
        if file.is_read() {
            file.text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        }
        files.push(file);
    }
    Ok(())
}

fn read_built_in(folder: &Dir<'_>, files: &mut Vec<SourceFile>) {
    files.extend(folder.files().map(|file| SourceFile {
        path: file.path().to_string_lossy().replace('\\', "/"),
        text: file.contents_utf8().unwrap_or_default().to_owned(),
    }));
    for inner in folder.dirs() {
        read_built_in(inner, files);
    }
}
