//! Kills, and what they leave behind.

use std::fs;
use std::process::Command;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::{
    Owner, Scratch, answers, connect, goes_down, kill, notes, pid, postmaster_pid, start, write_note,
};

#[tokio::test]
async fn a_killed_owner_takes_the_server_down_and_loses_nothing() {
    let scratch = Scratch::new("owner");
    let owner = Owner::start(&scratch.home());
    let url = owner.url();
    let second = start(&scratch.home()).await;
    write_note(&mut connect(&second).await, "committed").await;
    // The second, too, is gone without a word.
    drop(second);
    assert!(answers(&url).await);
    owner.kill();
    goes_down(&url, &scratch.home()).await;

    let postgres = start(&scratch.home()).await;
    assert_eq!(notes(&mut connect(&postgres).await).await, ["committed"]);
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_killed_server_recovers_at_the_next_start() {
    let scratch = Scratch::new("postmaster");
    let postgres = start(&scratch.home()).await;
    write_note(&mut connect(&postgres).await, "committed").await;
    let mut open = connect(&postgres).await;
    kill(postmaster_pid(&scratch.home()), Signal::KILL);

    // While the first user still holds on to the dead server.
    let again = start(&scratch.home()).await;
    assert_eq!(notes(&mut connect(&again).await).await, ["committed"]);
    assert!(sqlx::raw_sql("select 1").execute(&mut open).await.is_err());
    again.stop().await.unwrap();
    postgres.stop().await.unwrap();
    assert!(!scratch.home().join("data/postmaster.pid").exists());
}

#[tokio::test]
async fn a_killed_server_that_seems_to_be_there_is_not_joined() {
    let scratch = Scratch::new("seeming");
    let postgres = start(&scratch.home()).await;
    write_note(&mut connect(&postgres).await, "committed").await;
    let shells = shells_in(&scratch.home().canonicalize().unwrap().display().to_string());
    let mut watcher = shells.into_iter().filter(|shell| is_child(*shell));
    let watcher = watcher.next().unwrap();
    // The lock of the dead server's processes stays held, and hellos are answered.
    kill(watcher, Signal::STOP);
    kill(postmaster_pid(&scratch.home()), Signal::KILL);
    let home = scratch.home();
    let (again, ()) = tokio::join!(start(&home), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        kill(watcher, Signal::CONT);
    });
    assert_eq!(notes(&mut connect(&again).await).await, ["committed"]);
    again.stop().await.unwrap();
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_kill_at_any_moment_of_the_start_leaves_nothing_half_made() {
    let scratch = Scratch::new("moments");
    for milliseconds in [20, 60, 120, 200, 300, 400, 500, 600, 800, 1000] {
        let owner = Owner::begin(&[], &scratch.home());
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        owner.kill();
    }
    let postgres = start(&scratch.home()).await;
    write_note(&mut connect(&postgres).await, "works").await;
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn leftovers_of_a_killed_initdb_and_a_killed_server_are_swept_up() {
    let scratch = Scratch::new("leftovers");
    fs::create_dir_all(scratch.home().join("data.partial/base")).unwrap();
    fs::write(scratch.home().join("data.partial/PG_VERSION"), "15\n").unwrap();
    let postgres = start(&scratch.home()).await;
    let data = scratch.home().join("data").display().to_string();
    postgres.stop().await.unwrap();

    // A process of another program has the dead server's id by now: that of this test.
    let pid = std::process::id();
    let stale = format!("{pid}\n{data}\n1700000000\n5432\n{data}\n127.0.0.1\n1 2\nready   \n");
    fs::write(scratch.home().join("data/postmaster.pid"), stale).unwrap();
    let postgres = start(&scratch.home()).await;
    write_note(&mut connect(&postgres).await, "works").await;
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_without_its_watcher_makes_way() {
    let scratch = Scratch::new("unwatched");
    let owner = Owner::start(&scratch.home());
    let url = owner.url();
    let before = postmaster_pid(&scratch.home());
    for shell in shells_in(&scratch.home().canonicalize().unwrap().display().to_string()) {
        kill(shell, Signal::KILL);
    }
    owner.kill();
    assert!(answers(&url).await, "nobody is left to stop it");

    let postgres = start(&scratch.home()).await;
    assert_ne!(postmaster_pid(&scratch.home()), before);
    write_note(&mut connect(&postgres).await, "works").await;
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn ctrl_c_leaves_the_server_to_its_owner() {
    let scratch = Scratch::new("ctrl-c");
    // The owner ignores Ctrl-C here, as one does that first brings its work to an end.
    let by = ["setsid", "sh", "-c", "trap '' INT; exec \"$@\"", "sh"];
    let owner = Owner::start_by(&by, &scratch.home());
    kill_process_group(pid(owner.process.id()), Signal::INT).unwrap();
    let joined = start(&scratch.home()).await;
    write_note(&mut connect(&joined).await, "works").await;
    owner.stop();
    joined.stop().await.unwrap();
    let log = fs::read_to_string(scratch.home().join("server.log")).unwrap();
    assert_eq!(log.matches("database system is ready").count(), 1, "{log}");
}

/// Ids of the shells that work in a folder.
fn shells_in(folder: &str) -> Vec<Pid> {
    let script =
        r#"for p in /proc/[0-9]*; do [ "$(readlink $p/cwd)" = "$0" ] && echo ${p#/proc/}; done; true"#;
    let output = Command::new("sh").args(["-c", script, folder]).output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| pid(line.parse().unwrap()))
        .collect()
}

fn is_child(process: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", process.as_raw_nonzero())).unwrap();
    status.contains(&format!("PPid:\t{}\n", std::process::id()))
}

#[tokio::test]
async fn a_server_started_by_hand_is_used_and_left_running() {
    let scratch = Scratch::new("by-hand");
    let postgres = start(&scratch.home()).await;
    let psql = postgres.psql();
    let bin_dir = std::path::Path::new(psql.get_program()).parent().unwrap();
    let data = scratch.home().canonicalize().unwrap().join("data");
    postgres.stop().await.unwrap();

    let unshare = "unshare --user --map-user=65534 --map-group=65534 --";
    let prefix = if super::am_root() { unshare } else { "" };
    let script = format!(
        "cd /; {prefix} {}/postgres -D \"$0\" -k \"$0\" -p 6543 >/dev/null 2>&1",
        bin_dir.display()
    );
    let mut by_hand = Command::new("sh")
        .args(["-c", &script])
        .arg(&data)
        .spawn()
        .unwrap();
    let ready =
        || std::fs::read_to_string(data.join("postmaster.pid")).is_ok_and(|text| text.contains("ready"));
    while !ready() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let postgres = start(&scratch.home()).await;
    let url = postgres.url();
    write_note(&mut connect(&postgres).await, "works").await;
    postgres.stop().await.unwrap();
    assert!(answers(&url).await);
    kill(postmaster_pid(&scratch.home()), Signal::INT);
    by_hand.wait().unwrap();
}
