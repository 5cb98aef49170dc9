//! Which Postgres the machine has.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::EmbeddedError;
use super::home::Home;

const OLDEST: u32 = 15;

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

fn choose(home: &Home, given: Option<&Path>) -> Result<Binaries, EmbeddedError> {
    let folders = given.map_or_else(installed, |dir| vec![dir.to_path_buf()]);
    let found: Vec<Binaries> = folders.iter().filter_map(|dir| inspect(dir)).collect();
    if found.is_empty() {
        let place = given.map_or("on this machine".to_owned(), |dir| {
            format!("in PG_BIN_DIR ({})", dir.display())
        });
        return Err(EmbeddedError::NoBinaries { place });
    }
    let newest = found.iter().min_by_key(|binaries| Reverse(binaries.major));
    let chosen = match home.made_by() {
        None => newest,
        Some(made_by) => found
            .iter()
            .find(|binaries| binaries.major.to_string() == made_by),
    };
    chosen.cloned().ok_or_else(|| other_version(home, &found))
}

fn other_version(home: &Home, found: &[Binaries]) -> EmbeddedError {
    let mut majors: Vec<u32> = found.iter().map(|binaries| binaries.major).collect();
    majors.sort_unstable();
    majors.dedup();
    EmbeddedError::OtherVersion {
        data: home.data.clone(),
        made_by: home.made_by().unwrap_or_default(),
        found: majors.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// A PATH may hold wrappers of some programs only, so the folder must hold both and the server must speak.
fn inspect(dir: &Path) -> Option<Binaries> {
    let dir = dir.canonicalize().ok()?;
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
fn installed() -> Vec<PathBuf> {
    on_path()
        .into_iter()
        .chain(FOLDERS.iter().flat_map(|pattern| matching(pattern)))
        .collect()
}

fn on_path() -> Vec<PathBuf> {
    let script = "command -v postgres; pg_config --bindir";
    let output = Command::new("/bin/sh")
        .args(["-c", script])
        .stderr(Stdio::null())
        .output();
    let text = output
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    text.lines()
        .filter_map(|line| folder_of(Path::new(line)))
        .collect()
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
        assert!(matching("/us*/bin").contains(&"/usr/bin".into()));
        assert!(matching("/not/there-*/bin").is_empty());
    }
}
