//! What can be wrong with a Postgres of one's own.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no Postgres of firstpress's own; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Neither here nor, where that is built in, from the internet.
    #[error(
        "no PostgreSQL 14 or newer (postgres and initdb) {place}; install it (Debian, Ubuntu: apt-get install \
         postgresql; Fedora: dnf install postgresql-server; macOS: brew install postgresql@17), or name its \
         folder in PG_BIN_DIR, or name a server in DATABASE_URL"
    )]
    NoBinaries {
        /// Where none was found: "on this machine", "in PG_BIN_DIR (/some/folder)".
        place: String,
    },
    /// The cluster was made by a major version that is not here.
    #[error(
        "the data in {} was made by PostgreSQL {made_by}, and here is only PostgreSQL {found}; install \
         PostgreSQL {made_by} or name its folder in PG_BIN_DIR (or move that folder away to begin anew)",
        data.display()
    )]
    OtherVersion {
        /// The cluster.
        data: PathBuf,
        /// Its major version, as its PG_VERSION says.
        made_by: String,
        /// The major versions at hand.
        found: String,
    },
    /// A directory of another account.
    #[error(
        "{} belongs to user id {owner}; run firstpress as that user, or from another folder, or name a \
         server in DATABASE_URL",
        path.display()
    )]
    NotYours {
        /// The directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// No room for the cluster or its log.
    #[error("no space left on the disk that holds {}", path.display())]
    DiskFull {
        /// What could not be written.
        path: PathBuf,
    },
    /// A program of Postgres ended with an error.
    #[error("{program} failed on {}: {output}", path.display())]
    Failed {
        /// `initdb`, `postgres`.
        program: &'static str,
        /// What it worked on.
        path: PathBuf,
        /// The end of what it said, on one line.
        output: String,
    },
    /// Something did not happen in time.
    #[error("waited {seconds} seconds for {what} in {}; {advice}", path.display())]
    TooSlow {
        /// What was waited for.
        what: &'static str,
        /// For how long.
        seconds: u64,
        /// The directory of the server.
        path: PathBuf,
        /// What the reader can do.
        advice: &'static str,
    },
    /// A file or program that could not be used.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// A verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The server runs and does not let firstpress prepare its database.
    #[error("cannot prepare the database firstpress on its own Postgres")]
    Database(#[from] sqlx::Error),
}

/// For `map_err`: what was being done to which file.
pub(super) fn cannot(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    let path = path.to_path_buf();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull => EmbeddedError::DiskFull { path },
        _ => EmbeddedError::Io { action, path, source },
    }
}

/// The error of a program that failed, from the end of what it said.
pub(super) fn failed(program: &'static str, path: &Path, said: &str) -> EmbeddedError {
    let path = path.to_path_buf();
    if said.contains("No space left on device") {
        return EmbeddedError::DiskFull { path };
    }
    let lines: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let end = lines.len().saturating_sub(6);
    let output = lines.get(end..).unwrap_or_default().join(" | ");
    EmbeddedError::Failed {
        program,
        path,
        output,
    }
}
