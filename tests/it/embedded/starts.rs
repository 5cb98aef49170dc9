//! Starting, joining and leaving.

use std::time::Instant;

use super::{Owner, Scratch, answers, connect, goes_down, notes, start, write_note};

#[tokio::test]
async fn a_first_start_makes_the_database_and_the_next_finds_it() {
    let scratch = Scratch::new("reopen");
    let begin = Instant::now();
    let postgres = start(&scratch.home()).await;
    println!("first start {:?}", begin.elapsed());
    let mut connection = connect(&postgres).await;
    write_note(&mut connection, "kept").await;
    let url = postgres.url();
    let begin = Instant::now();
    postgres.stop().await.unwrap();
    println!("stop {:?}", begin.elapsed());
    assert!(!answers(&url).await);

    let begin = Instant::now();
    let postgres = start(&scratch.home()).await;
    println!("reopen {:?}", begin.elapsed());
    assert_eq!(postgres.url(), url, "the port is kept");
    assert_eq!(notes(&mut connect(&postgres).await).await, ["kept"]);
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn the_last_user_takes_the_server_down() {
    let scratch = Scratch::new("users");
    let first = Owner::start(&scratch.home());
    let second = start(&scratch.home()).await;
    assert_eq!(second.url(), first.url(), "one server");
    let third = Owner::start(&scratch.home());

    let begin = Instant::now();
    first.stop();
    println!("the first of three leaves within {:?}", begin.elapsed());
    write_note(&mut connect(&second).await, "after the first ended").await;
    third.kill();
    write_note(&mut connect(&second).await, "and the third was killed").await;
    let url = second.url();
    second.stop().await.unwrap();
    assert!(!answers(&url).await);
    assert!(!scratch.home().join("data/postmaster.pid").exists());
}

#[tokio::test]
async fn many_that_start_at_once_share_one_server() {
    let scratch = Scratch::new("at-once");
    let owners: Vec<Owner> = (0..5).map(|_| Owner::begin(&[], &scratch.home())).collect();
    let owners: Vec<Owner> = owners.into_iter().map(Owner::hear).collect();
    let url = owners[0].url();
    assert!(owners.iter().all(|owner| owner.url() == url));
    owners.into_iter().for_each(Owner::kill);
    goes_down(&url, &scratch.home()).await;
}

#[tokio::test]
async fn one_that_starts_while_another_ends_gets_a_server() {
    let scratch = Scratch::new("relay");
    let mut postgres = start(&scratch.home()).await;
    for _ in 0..20 {
        let home = scratch.home();
        let (stopped, next) = tokio::join!(postgres.stop(), start(&home));
        stopped.unwrap();
        write_note(&mut connect(&next).await, "works").await;
        postgres = next;
    }
    assert_eq!(notes(&mut connect(&postgres).await).await.len(), 20);
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_works() {
    let scratch = Scratch::new("long");
    let home = scratch
        .home()
        .join("a folder, with \"quotes\" and a comma".repeat(2))
        .join("x".repeat(100));
    let postgres = start(&home).await;
    write_note(&mut connect(&postgres).await, "far").await;
    let socket = postgres.connect_options().get_socket().unwrap().clone();
    assert!(socket.exists());
    postgres.stop().await.unwrap();
    assert!(!socket.exists(), "the socket's folder is tidied up");
}

#[tokio::test]
async fn psql_and_tcp_reach_it() {
    let scratch = Scratch::new("psql it's");
    let postgres = start(&scratch.home()).await;
    let output = postgres
        .psql()
        .args(["-XAtc", "select current_database()"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "firstpress\n");
    let pasted = format!("{} -XAtc 'select 1'", postgres.psql_hint());
    let output = std::process::Command::new("sh")
        .args(["-c", &pasted])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1\n", "{pasted}");

    let password = std::fs::read_to_string(scratch.home().join("password")).unwrap();
    let port = postgres.connect_options().get_port();
    assert!(postgres.tcp_hint().contains(&port.to_string()));
    assert!(
        answers(&format!(
            "postgres://postgres:{password}@127.0.0.1:{port}/firstpress"
        ))
        .await
    );
    assert!(!answers(&format!("postgres://postgres:wrong@127.0.0.1:{port}/firstpress")).await);
    postgres.stop().await.unwrap();
}
