//! Root and not root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use rustix::process::Signal;

use super::{Owner, Scratch, am_root, connect, goes_down, kill, notes, postmaster_pid, start, write_note};

const NOBODY: u32 = 65534;
const AS_NOBODY: [&str; 4] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

#[tokio::test]
async fn an_ordinary_user_can_and_root_may_join() {
    if !am_root() {
        println!("skipped: needs root, to become someone else");
        return;
    }
    let scratch = nobodys_scratch("ordinary");
    let owner = Owner::start_by(&AS_NOBODY, &scratch.home());
    let url = owner.url();
    assert_eq!(fs::metadata(scratch.home().join("data")).unwrap().uid(), NOBODY);
    let joined = start(&scratch.home()).await;
    assert_eq!(joined.url(), url);
    write_note(&mut connect(&joined).await, "from root").await;
    owner.stop();
    joined.stop().await.unwrap();

    // Root alone runs it as the data's owner; then it is the owner's again.
    let postgres = start(&scratch.home()).await;
    assert_eq!(notes(&mut connect(&postgres).await).await, ["from root"]);
    postgres.stop().await.unwrap();
    let owner = Owner::start_by(&AS_NOBODY, &scratch.home());
    let url = owner.url();
    owner.kill();
    goes_down(&url, &scratch.home()).await;
}

#[tokio::test]
async fn the_data_of_someone_else_is_refused() {
    if !am_root() {
        println!("skipped: needs root, to become someone else");
        return;
    }
    let scratch = nobodys_scratch("foreign");
    let data = scratch.home().join("data");
    fs::create_dir_all(&data).unwrap();
    let error = Owner::start_by(&AS_NOBODY, &scratch.home()).error().to_owned();
    assert!(
        error.contains(&format!("{} belongs to user id 0", data.display())),
        "{error}"
    );
}

#[tokio::test]
async fn root_keeps_its_files_in_a_folder_that_only_root_can_enter() {
    if !am_root() || !allows_namespaces() {
        println!("skipped: needs root and user namespaces");
        return;
    }
    let scratch = Scratch::new("roots");
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o700)).unwrap();
    let postgres = start(&scratch.home()).await;
    write_note(&mut connect(&postgres).await, "root's").await;
    assert_eq!(fs::metadata(scratch.home().join("data/base")).unwrap().uid(), 0);
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn root_without_user_namespaces_steps_down_to_another_account() {
    if !am_root() {
        println!("skipped: needs root");
        return;
    }
    let scratch = Scratch::new("setuid");
    let path = path_without_unshare(&scratch);
    let owner = Owner::start_by(&["env", &path], &scratch.home());
    let url = owner.url();
    assert_ne!(fs::metadata(scratch.home().join("data")).unwrap().uid(), 0);
    let joined = Owner::start_by(&["env", &path], &scratch.home());
    kill(postmaster_pid(&scratch.home()), Signal::KILL);
    joined.kill();
    let again = Owner::start_by(&["env", &path], &scratch.home());
    assert_eq!(again.url(), url);
    again.kill();
    owner.kill();
    goes_down(&url, &scratch.home()).await;
}

#[tokio::test]
async fn where_no_other_account_can_enter_the_data_lies_elsewhere() {
    if !am_root() {
        println!("skipped: needs root");
        return;
    }
    let scratch = Scratch::new("closed");
    let path = path_without_unshare(&scratch);
    let closed = scratch.0.join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let home = closed.join("postgres");
    Owner::start_by(&["env", &path], &home).stop();
    let owner = Owner::start_by(&["env", &path], &home);
    let elsewhere = fs::read_link(&home).unwrap();
    assert!(elsewhere.starts_with("/var/lib/firstpress"));
    let url = owner.url();
    owner.kill();
    goes_down(&url, &home).await;
    fs::remove_dir_all(&elsewhere).unwrap();
}

/// A PATH on which `unshare` fails, as it does in most containers.
fn path_without_unshare(scratch: &Scratch) -> String {
    let folder = scratch.0.join("bin");
    fs::create_dir(&folder).unwrap();
    let unshare = folder.join("unshare");
    fs::write(
        &unshare,
        "#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n",
    )
    .unwrap();
    fs::set_permissions(&unshare, fs::Permissions::from_mode(0o755)).unwrap();
    format!("PATH={}:/usr/local/bin:/usr/bin:/bin", folder.display())
}

fn allows_namespaces() -> bool {
    let mut command = std::process::Command::new("unshare");
    command
        .args(["--user", "--map-user=65534", "true"])
        .status()
        .is_ok_and(|status| status.success())
}

/// A folder of `nobody`'s where it can reach it, with this test binary in it.
fn nobodys_scratch(name: &str) -> Scratch {
    let scratch = Scratch::below(Path::new("/tmp"), name);
    chown(&scratch.0, Some(NOBODY), Some(NOBODY)).unwrap();
    let (binary, copy) = (std::env::current_exe().unwrap(), scratch.0.join(super::BINARY));
    if fs::hard_link(&binary, &copy).is_err() {
        fs::copy(&binary, &copy).unwrap();
    }
    scratch
}
