//! What is refused, and in which words.

use std::fs;
use std::path::PathBuf;

use firstpress::postgres::embedded::{EmbeddedError, EmbeddedPostgres, Settings};

use super::{Owner, Scratch, am_root, settings, start};

fn names_the_ways_out(error: &str) {
    let ways = [
        "apt-get install postgresql",
        "dnf install postgresql-server",
        "brew install postgresql",
        "PG_BIN_DIR",
    ];
    assert!(
        ways.into_iter()
            .chain(["DATABASE_URL"])
            .all(|way| error.contains(way)),
        "{error}"
    );
    assert!(!error.contains('\n'), "{error}");
}

#[tokio::test]
async fn a_pg_bin_dir_without_a_server_is_named() {
    let scratch = Scratch::new("empty-bin");
    let bin_dir = Some(PathBuf::from("/nowhere/bin"));
    let error = EmbeddedPostgres::start(Settings {
        bin_dir,
        ..settings(&scratch.home())
    })
    .await
    .unwrap_err();
    assert!(error.to_string().contains("PG_BIN_DIR (/nowhere/bin)"), "{error}");
    names_the_ways_out(&error.to_string());
}

#[tokio::test]
async fn a_machine_without_a_server_is_told_the_ways_out() {
    if !am_root() {
        println!("skipped: needs root, to hide the machine's server");
        return;
    }
    let scratch = Scratch::new("no-server");
    let hidden = "mount -t tmpfs none /usr/lib/postgresql && exec \"$@\"";
    let by = [
        "unshare",
        "--mount",
        "env",
        "PATH=/usr/bin:/bin",
        "sh",
        "-c",
        hidden,
        "sh",
    ];
    let error = Owner::start_by(&by, &scratch.home()).error().to_owned();
    assert!(error.contains("on this machine"), "{error}");
    names_the_ways_out(&error);
}

#[tokio::test]
async fn data_of_another_major_version_is_left_alone() {
    let scratch = Scratch::new("version");
    start(&scratch.home()).await.stop().await.unwrap();
    let version = scratch.home().join("data/PG_VERSION");
    fs::write(&version, "9\n").unwrap();
    let error = EmbeddedPostgres::start(settings(&scratch.home()))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::OtherVersion { made_by, .. } if made_by == "9"),
        "{error}"
    );
    assert!(
        error.to_string().contains(scratch.home().to_str().unwrap()),
        "{error}"
    );
}

#[tokio::test]
async fn a_full_disk_is_called_by_its_name() {
    if !am_root() {
        println!("skipped: needs root, to mount a small disk");
        return;
    }
    let scratch = Scratch::new("full");
    for size in ["1m", "20m"] {
        let disk = scratch.0.join(size);
        fs::create_dir(&disk).unwrap();
        let small = format!(
            "mount -t tmpfs -o size={size} none '{}' && exec \"$@\"",
            disk.display()
        );
        let error = Owner::start_by(
            &["unshare", "--mount", "sh", "-c", &small, "sh"],
            &disk.join("postgres"),
        );
        assert!(
            error.error().contains("no space left on the disk that holds"),
            "{}",
            error.error()
        );
    }
}
