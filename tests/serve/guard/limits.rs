//! How often, and how much.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use reqwest::{Client, StatusCode};
use sqlx::Connection;

use super::{say, statuses, with};
use crate::pipeline::{Pipeline, still};
use crate::server::{in_process, problem, shared};

/// A client at an address of loopback's, of which there are many.
fn at(last: u8) -> Client {
    let address = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
    Client::builder().local_address(address).build().unwrap()
}

#[tokio::test]
async fn who_asks_too_often_waits_and_others_do_not() {
    let url = with(&[("SERVE_REQUESTS_PER_SECOND", "3")]).await;
    let (eager, other) = (at(21), at(22));
    let mut statuses = Vec::new();
    for number in 0..40 {
        // a new name each time, as a client would give itself that hopes to count as another
        let name = format!("192.0.2.{number}");
        let request = eager.get(format!("{url}/nowhere"));
        let request = request
            .header("x-forwarded-for", &name)
            .header("forwarded", format!("for={name}"))
            .header("x-real-ip", &name);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.headers()["retry-after"], "1");
            problem(answer).await;
        }
        statuses.push(status.as_u16());
    }
    assert_eq!(statuses[..3], [404; 3], "a burst as large as the rate");
    assert!(statuses[3..].contains(&429), "{statuses:?}");
    let answer = other.get(format!("{url}/nowhere")).send().await.unwrap();
    assert_eq!(answer.status(), 404, "another address has a rate of its own");
    let lives = eager.get(format!("{url}/healthz")).send().await.unwrap();
    assert_eq!(lives.status(), 200, "whoever watches it is never refused");
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let again = eager.get(format!("{url}/nowhere")).send().await.unwrap();
        if again.status() == 404 {
            break;
        }
        assert!(Instant::now() < deadline, "it is let in again");
    }
}

#[tokio::test]
async fn nobody_keeps_a_connection_by_asking_too_often() {
    let url = with(&[("SERVE_REQUESTS_PER_SECOND", "2")]).await;
    let many = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    let said = statuses(&say(&url, many.as_bytes()).await);
    let (last, before) = said.split_last().unwrap();
    assert_eq!(*last, 429);
    assert!(before.iter().all(|status| *status == 404), "{before:?}");
}

#[tokio::test]
async fn a_guess_counts_against_the_limit_too() {
    let settings = [("SERVE_REQUESTS_PER_SECOND", "2"), ("SERVE_TOKEN", super::TOKEN)];
    let url = with(&settings).await;
    let mut statuses = Vec::new();
    for guess in 0..6 {
        let request = at(23).get(format!("{url}/metrics"));
        let answer = request
            .bearer_auth(format!("guess-{guess}"))
            .send()
            .await
            .unwrap();
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses[..2], [401, 401]);
    assert!(statuses[2..].contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn with_none_nobody_is_held_to_a_rate() {
    let url = &shared().await.url;
    let client = &Client::new();
    let ask = |_| async move {
        let answer = client.get(format!("{url}/nowhere")).send().await;
        answer.unwrap().status()
    };
    let answers = futures::future::join_all((0..60).map(ask)).await;
    assert!(answers.iter().all(|status| *status == 404), "{answers:?}");
}

#[tokio::test]
async fn answers_are_compressed_for_who_asks_for_it() {
    let url = &shared().await.url;
    let client = Client::builder().no_gzip().build().unwrap();
    for (accepted, encoding) in [("gzip", Some("gzip")), ("identity", None), ("br", None)] {
        let request = client
            .get(format!("{url}/metrics"))
            .header(ACCEPT_ENCODING, accepted);
        let answer = request.send().await.unwrap();
        let found = answer.headers().get(CONTENT_ENCODING);
        assert_eq!(found.map(|found| found.to_str().unwrap()), encoding);
    }
}

/// While the database holds everything up, more than 64 requests are too many; all of them are answered in the end.
#[tokio::test]
async fn while_much_is_under_way_more_is_sent_away_at_once() {
    let pipeline = Pipeline::new(still()).await;
    let url = in_process(&pipeline.database.url, &[("SERVE_REQUESTS_PER_SECOND", "none")]).await;
    let mut holder = pipeline.database.pool.acquire().await.unwrap();
    let mut held = holder.begin().await.unwrap();
    sqlx::query("lock table ops.runs in access exclusive mode")
        .execute(&mut *held)
        .await
        .unwrap();
    let client = Client::new();
    let ask = |_| {
        let (url, client) = (&url, &client);
        async move {
            let begin = Instant::now();
            let answer = client.get(format!("{url}/metrics")).send().await.unwrap();
            let status = answer.status().as_u16();
            if status != 200 {
                assert!(answer.headers().contains_key("retry-after"));
                problem(answer).await;
            }
            (status, begin.elapsed())
        }
    };
    let mut answers: FuturesUnordered<_> = (0..80).map(ask).collect();
    let sent_away: Vec<_> = answers.by_ref().take(80 - 64).collect().await;
    assert!(
        sent_away
            .iter()
            .all(|(status, after)| *status == 503 && *after < Duration::from_secs(3)),
        "{sent_away:?}"
    );
    held.rollback().await.unwrap();
    let answered: Vec<_> = answers.collect().await;
    assert!(answered.iter().all(|(status, _)| *status == 200), "{answered:?}");
}
