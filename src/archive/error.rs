//! What goes wrong with an archive.

use std::error::Error;

/// Why an archive cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The binary does not know archives.
    #[error("this firstpress was built without the archive; build it with `--features archive`")]
    NotBuiltIn,
    /// A file, or the place of the archive, cannot be used.
    #[error("cannot {what}: {source}")]
    Cannot {
        /// What was tried, with the name of the file.
        what: String,
        /// What the disk, S3 or the file's reader said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// There is nothing in it.
    #[error("there is no run in the archive {archive}")]
    Empty {
        /// Where it is.
        archive: String,
    },
    /// Files are not what their manifests say.
    #[error("the archive is damaged, and nothing was loaded:\n{}", faults.join("\n"))]
    Damaged {
        /// Each names a file and what is wrong with it.
        faults: Vec<String>,
    },
    /// A newer version wrote it.
    #[error(
        "{manifest} was written by firstpress {version}, which knows columns that this one does not; use that version"
    )]
    Newer {
        /// The manifest.
        manifest: String,
        /// The version that wrote it.
        version: String,
    },
    /// Replacing the tables would lose rows.
    #[error(
        "the database holds {} that the archive never had, such as {}; nothing was loaded. `firstpress run` archives what \
         is missing, or replay into an empty database",
        if runs.len() == 1 { "a run".to_owned() } else { format!("{} runs", runs.len()) },
        runs.first().map_or("", String::as_str)
    )]
    Lacks {
        /// Ids of the runs.
        runs: Vec<String>,
    },
    /// A column that the files cannot hold.
    #[error("{table}.{column} is of type {kind}, which the archive cannot hold")]
    Column {
        /// The table.
        table: String,
        /// Its column.
        column: String,
        /// The column's type.
        kind: String,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
}

#[cfg(feature = "archive")]
impl ArchiveError {
    /// For `map_err`: what was tried, and the file.
    pub(super) fn cannot<E: Into<Box<dyn Error + Send + Sync>>>(
        what: &str,
        file: impl std::fmt::Display,
    ) -> impl FnOnce(E) -> Self {
        let what = format!("{what} {file}");
        move |source| Self::Cannot {
            what,
            source: source.into(),
        }
    }
}
