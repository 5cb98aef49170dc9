//! The first start: making the cluster.

use std::fs::{self, File};

use super::Settings;
use super::binaries::Binaries;
use super::error::{EmbeddedError, cannot, failed};
use super::home::{Home, make_private};

/// Makes the cluster where there is none. It is made under another name, so a kill leaves nothing half made.
///
/// `starting` is the starter's lock: initdb holds it too, so one that outlives its killed parent is not
/// disturbed.
pub(super) async fn ensure(
    home: &Home,
    binaries: &Binaries,
    settings: &Settings,
    starting: &File,
) -> Result<(), EmbeddedError> {
    if home.made_by().is_some() {
        return Ok(());
    }
    let partial = home.file("data.partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(cannot("remove", &partial))?;
    }
    make_private(&partial).map_err(cannot("make the folder", &partial))?;
    home.account
        .give(&partial)
        .map_err(cannot("give away", &partial))?;

    let mut command = home.account.command(binaries.program("initdb"));
    command.arg("-D").arg(&partial).args([
        "--username=postgres",
        "--locale=C",
        "--encoding=UTF8",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--no-instructions",
    ]);
    if !settings.durable {
        command.arg("--no-sync");
    }
    let lock = starting
        .try_clone()
        .map_err(cannot("hold", &home.file("start.lock")))?;
    command.stdin(lock).current_dir("/");
    let output = tokio::process::Command::from(command)
        .output()
        .await
        .map_err(cannot("run initdb on", &partial))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed("initdb", &home.data, &said));
    }
    fs::rename(&partial, &home.data).map_err(cannot("rename", &partial))?;
    let directory = File::open(&home.directory);
    directory
        .and_then(|file| file.sync_all())
        .map_err(cannot("sync", &home.directory))
}
