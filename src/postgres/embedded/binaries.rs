//! Which Postgres the machine has.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, iter};

use super::error::EmbeddedError;
use super::home::Home;

const OLDEST: u32 = 14;

/// Where packages put `postgres` and `initdb` when not on the PATH; a `*` stands for any text in one name.
const FOLDERS: [&str; 11] = [
    "/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
    "/usr/bin",                                           // Fedora, Arch
    "/usr/pgsql-*/bin",                                   // Fedora and RHEL, from postgresql.org
    "/usr/lib/postgresql*/bin",                           // SUSE
    "/usr/libexec/postgresql*",                           // Alpine
    "/opt/homebrew/opt/postgresql*/bin",                  // Homebrew
    "/usr/local/opt/postgresql*/bin",                     // Homebrew on Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",     // Homebrew on Linux
    "/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
    "/Library/PostgreSQL/*/bin",                          // EnterpriseDB
    "/usr/local/pgsql/bin",                               // built from source
];

/// A folder that holds `postgres` and `initdb`.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    pub(super) dir: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    /// The path of one of its programs.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// The version that made the cluster; before there is one, the newest. `given` is PG_BIN_DIR.
#[cfg_attr(
    not(feature = "download-postgres"),
    expect(clippy::unused_async, reason = "downloading waits")
)]
pub(super) async fn find(home: &Home, given: Option<&Path>) -> Result<Binaries, EmbeddedError> {
    let found = choose(home, given);
    #[cfg(feature = "download-postgres")]
    if found.is_err() && given.is_none() {
        match super::download::fetch(home).await {
            Ok(dir) => return choose(home, Some(&dir)),
            Err(error) => tracing::warn!("PostgreSQL could not be fetched: {error}"),
        }
    }
    found
}

/// Looks no further than the first that fits: asking a server for its version takes 10 ms.
fn choose(home: &Home, given: Option<&Path>) -> Result<Binaries, EmbeddedError> {
    let folders: Box<dyn Iterator<Item = PathBuf>> = match given {
        Some(dir) => Box::new(iter::once(dir.to_path_buf())),
        None => Box::new(installed()),
    };
    let mut asked = BTreeSet::new();
    let folders = folders
        .filter_map(|dir| dir.canonicalize().ok())
        .filter(|dir| asked.insert(dir.clone()));
    let mut found = Vec::new();
    let made_by = home.made_by();
    for binaries in folders.filter_map(inspect) {
        if made_by
            .as_ref()
            .is_some_and(|made_by| *made_by == binaries.major.to_string())
        {
            return Ok(binaries);
        }
        found.push(binaries);
    }
    match made_by {
        Some(made_by) if !found.is_empty() => Err(other_version(home, made_by, &found)),
        _ => found
            .into_iter()
            .min_by_key(|binaries| Reverse(binaries.major))
            .ok_or_else(|| none_found(given)),
    }
}

fn none_found(given: Option<&Path>) -> EmbeddedError {
    let place = given.map_or("on this machine".to_owned(), |dir| {
        format!("in PG_BIN_DIR ({})", dir.display())
    });
    EmbeddedError::NoBinaries { place }
}

fn other_version(home: &Home, made_by: String, found: &[Binaries]) -> EmbeddedError {
    let mut majors: Vec<u32> = found.iter().map(|binaries| binaries.major).collect();
    majors.sort_unstable();
    majors.dedup();
    EmbeddedError::OtherVersion {
        data: home.data.clone(),
        made_by,
        found: majors.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// A PATH may hold wrappers of some programs only, so the folder must hold both and the server must speak.
fn inspect(dir: PathBuf) -> Option<Binaries> {
    if !dir.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(dir.join("postgres"))
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let major = major(&String::from_utf8(output.stdout).ok()?)?;
    (major >= OLDEST).then_some(Binaries { dir, major })
}

/// From `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, or `… 18beta1`.
fn major(version: &str) -> Option<u32> {
    let (_, number) = version.split_once("(PostgreSQL) ")?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Folders that may hold a server, the user's own choice of one (the PATH) first.
fn installed() -> impl Iterator<Item = PathBuf> {
    let told = ["command -v postgres", "pg_config --bindir"]
        .into_iter()
        .filter_map(told_by);
    told.chain(FOLDERS.into_iter().flat_map(matching))
}

/// The folder that a shell names, or that holds the program that it names.
fn told_by(script: &str) -> Option<PathBuf> {
    let output = Command::new("/bin/sh")
        .args(["-c", script])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    folder_of(Path::new(String::from_utf8(output.stdout).ok()?.trim()))
}

fn folder_of(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    if path.is_dir() {
        Some(path)
    } else {
        path.parent().map(Path::to_path_buf)
    }
}

/// The folders that a pattern of `FOLDERS` stands for.
fn matching(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let Some((parent, prefix)) = before.rsplit_once('/') else {
        return Vec::new();
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(after.trim_start_matches('/')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{major, matching};

    #[test]
    fn reads_the_major_version() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("sh: postgres: not found"), None);
    }

    #[test]
    fn a_star_stands_for_names_and_a_missing_parent_for_none() {
        assert!(matching("/usr/lo*/bin").contains(&"/usr/local/bin".into()));
        assert!(matching("/not/there-*/bin").is_empty());
    }
}
