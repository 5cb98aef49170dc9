//! Who runs the server: `initdb` and `postgres` refuse root.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

/// Whom the server's processes run as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// The user of this process.
    Own,
    /// Root outside, `nobody` in a user namespace: files stay root's own, below a 0700 home too.
    Namespace,
    /// Another user; only root can do that.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// A command that runs as this account.
    pub(super) fn command(self, program: impl AsRef<Path>) -> Command {
        match self {
            Self::Own => Command::new(program.as_ref()),
            Self::Namespace => {
                let mut command = Command::new("unshare");
                command
                    .args(["--user", "--map-user=65534", "--map-group=65534", "--"])
                    .arg(program.as_ref());
                command
            }
            Self::Other { uid, gid } => {
                let mut command = Command::new(program.as_ref());
                command.uid(uid).gid(gid);
                command
            }
        }
    }

    /// Makes a file or folder this account's own.
    pub(super) fn give(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid)),
            Self::Own | Self::Namespace => Ok(()),
        }
    }

    /// Whether this account can be had on this machine and works in this folder.
    pub(super) fn can_work_in(self, directory: &Path) -> bool {
        self.command("/bin/sh")
            .args(["-c", r#"cd "$0" && test -w ."#])
            .arg(directory)
            .current_dir("/")
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// Whether this process is root.
pub(super) fn am_root() -> bool {
    my_uid() == 0
}

/// The user id of this process.
pub(super) fn my_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The account that owns a file.
pub(super) fn owner(path: &Path) -> io::Result<Account> {
    let metadata = fs::metadata(path)?;
    Ok(match metadata.uid() {
        uid if uid == my_uid() => Account::Own,
        uid => Account::Other {
            uid,
            gid: metadata.gid(),
        },
    })
}

/// The machine's account without rights: `postgres`, else `nobody`.
pub(super) fn unprivileged() -> Option<Account> {
    ["postgres", "nobody"].into_iter().find_map(|name| {
        let (uid, gid) = (id("-u", name)?, id("-g", name)?);
        (uid != 0).then_some(Account::Other { uid, gid })
    })
}

fn id(which: &str, name: &str) -> Option<u32> {
    let output = Command::new("id")
        .args([which, name])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
