//! The server's directory, and the account that can work in it.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf, absolute};

use super::account::{self, Account};
use super::error::{EmbeddedError, cannot, failed};

/// For root without user namespaces, where no other account can enter the directory asked for.
const ELSEWHERE: &str = "/var/lib/firstpress";

/// The server's directory.
#[derive(Debug, Clone)]
pub(super) struct Home {
    /// Absolute, without symlinks.
    pub(super) directory: PathBuf,
    /// The cluster; not there before the first start.
    pub(super) data: PathBuf,
    pub(super) account: Account,
}

impl Home {
    /// Makes the directory if need be, private to the account that the server will run as.
    pub(super) fn prepare(directory: &Path) -> Result<Self, EmbeddedError> {
        let directory = absolute(directory).map_err(cannot("find", directory))?;
        make_private(&directory).map_err(cannot("make the folder", &directory))?;
        let account = if account::am_root() {
            step_down(&directory)?
        } else {
            own(&directory)?
        };
        let directory = directory.canonicalize().map_err(cannot("find", &directory))?;
        Ok(Self {
            data: directory.join("data"),
            directory,
            account,
        })
    }

    /// A file of firstpress's in the directory.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The major version that made the cluster; none before the first start.
    pub(super) fn made_by(&self) -> Option<String> {
        let version = fs::read_to_string(self.data.join("PG_VERSION")).ok()?;
        Some(version.trim().to_owned())
    }
}

/// Makes a folder that only its owner can enter; one that is there stays as it is.
pub(super) fn make_private(directory: &Path) -> io::Result<()> {
    if let Some(parent) = directory.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        result => result,
    }
}

/// Letters that nobody can guess.
pub(super) fn random_hex() -> Result<String, EmbeddedError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; 16];
    File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(cannot("read", source))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// An ordinary user: nothing to choose, but the data must be theirs.
fn own(directory: &Path) -> Result<Account, EmbeddedError> {
    let data = directory.join("data");
    let path = if data.exists() {
        data
    } else {
        directory.to_path_buf()
    };
    match account::owner(&path).map_err(cannot("look at", &path))? {
        Account::Other { uid: owner, .. } if path != directory || !Account::Own.can_work_in(&path) => {
            Err(EmbeddedError::NotYours { path, owner })
        }
        _ => Ok(Account::Own),
    }
}

/// Root: the owner of the data; at first a user namespace, else an account without rights.
fn step_down(directory: &Path) -> Result<Account, EmbeddedError> {
    let data = directory.join("data");
    let path = if data.exists() { data.as_path() } else { directory };
    if let other @ Account::Other { .. } = account::owner(path).map_err(cannot("look at", path))? {
        return Ok(other);
    }
    if Account::Namespace.can_work_in(directory) {
        return Ok(Account::Namespace);
    }
    let Some(other) = account::unprivileged().filter(|_| !data.exists()) else {
        let why =
            "it belongs to root, as whom postgres does not run, and this machine allows no user namespace";
        return Err(failed("unshare", path, why));
    };
    other.give(directory).map_err(cannot("give away", directory))?;
    if !other.can_work_in(directory) {
        move_elsewhere(directory, other)?;
    }
    Ok(other)
}

/// Puts a symlink where the directory was, to a place that the account can reach.
fn move_elsewhere(directory: &Path, account: Account) -> Result<(), EmbeddedError> {
    let place = Path::new(ELSEWHERE).join(format!("postgres-{}", random_hex()?));
    make_private(&place)
        .and_then(|()| account.give(&place))
        .map_err(cannot("make the folder", &place))?;
    fs::remove_dir(directory).map_err(cannot("replace", directory))?;
    symlink(&place, directory).map_err(cannot("link", directory))
}
