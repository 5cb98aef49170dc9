//! Credentials, and names that this host is asked by.

use std::time::Duration;

use reqwest::header::{
    AUTHORIZATION, CONNECTION, HOST, HeaderMap, HeaderValue, ORIGIN, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE, WWW_AUTHENTICATE,
};
use reqwest::{Client, RequestBuilder};

use super::{PASSWORD, TOKEN, guarded, say, statuses};
use crate::pipeline::{Pipeline, still};
use crate::server::{Server, problem, shared};

#[tokio::test]
async fn only_who_shows_credentials_is_let_in() {
    let url = guarded().await;
    let get = |path: &str| Client::new().get(format!("{url}{path}"));
    let let_in: [fn(RequestBuilder) -> RequestBuilder; 3] = [
        |request| request.bearer_auth(TOKEN),
        |request| request.basic_auth("reader", Some(PASSWORD)),
        |request| request.header(AUTHORIZATION, format!("bEARER  {TOKEN}")),
    ];
    for credentials in let_in {
        let answer = credentials(get("/metrics")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    let sent_away: [fn(RequestBuilder) -> RequestBuilder; 12] = [
        |request| request,
        |request| request.bearer_auth(""),
        |request| request.bearer_auth("canary-of-the-toke"),
        |request| request.bearer_auth("canary-of-the-tokenn"),
        |request| request.bearer_auth(PASSWORD),
        |request| request.header(AUTHORIZATION, TOKEN),
        |request| request.header(AUTHORIZATION, format!("Basic {TOKEN}")),
        |request| request.basic_auth("reader", Some(TOKEN)),
        |request| request.basic_auth("", Some(PASSWORD)),
        |request| request.basic_auth("reader", None::<&str>),
        |request| request.query(&[("token", TOKEN)]),
        // of two, a proxy may have looked at the other one
        |request| {
            request
                .header(AUTHORIZATION, "Bearer wrong")
                .header(AUTHORIZATION, format!("Bearer {TOKEN}"))
        },
    ];
    for (number, credentials) in sent_away.into_iter().enumerate() {
        for path in [
            "/",
            "/metrics",
            "/api/v1/nowhere",
            "/nowhere",
            "/healthz/",
            "//healthz",
        ] {
            let answer = credentials(get(path)).send().await.unwrap();
            let schemes: Vec<_> = answer.headers().get_all(WWW_AUTHENTICATE).iter().collect();
            assert_eq!(schemes.len(), 2, "{number} {path}");
            assert_eq!(schemes[0], r#"Bearer realm="firstpress""#);
            assert_eq!(schemes[1], r#"Basic realm="firstpress", charset="UTF-8""#);
            assert_eq!(problem(answer).await.0, 401, "{number} {path}");
        }
    }
    for open in ["/healthz", "/readyz"] {
        assert_eq!(get(open).send().await.unwrap().status(), 200, "{open}");
    }
}

#[tokio::test]
async fn nobody_keeps_a_connection_without_credentials() {
    let two = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2);
    assert_eq!(statuses(&say(&guarded().await, two.as_bytes()).await), [401]);
}

#[tokio::test]
async fn it_does_not_start_where_others_reach_it_without_credentials() {
    let pipeline = Pipeline::new(still()).await;
    for address in ["0.0.0.0:0", "[::]:0", "[::ffff:127.0.0.1]:0"] {
        let arguments = ["serve", "--listen", address];
        let starting = pipeline.firstpress(&arguments);
        let ended = tokio::time::timeout(Duration::from_secs(30), starting).await;
        let ended = ended.expect("it ends");
        assert_eq!(ended.code, Some(2), "{address}");
        for setting in ["SERVE_TOKEN", "SERVE_USER", "SERVE_PASSWORD", "127.0.0.1"] {
            assert!(ended.stderr.contains(setting), "{}", ended.stderr);
        }
    }
    let pipeline = pipeline.with("SERVE_LISTEN", "0.0.0.0:0");
    assert_eq!(pipeline.firstpress(&["serve"]).await.code, Some(2));
    let pipeline = pipeline.with("SERVE_TOKEN", TOKEN);
    let server = Server::start_as(&pipeline, &["serve"]).await;
    let url = server.url.replace("0.0.0.0", "127.0.0.1");
    let answer = reqwest::get(format!("{url}/metrics")).await.unwrap();
    let schemes: Vec<_> = answer.headers().get_all(WWW_AUTHENTICATE).iter().collect();
    assert_eq!(
        schemes,
        [r#"Bearer realm="firstpress""#],
        "what is not set is not offered"
    );
    let answer = Client::new().get(format!("{url}/metrics")).bearer_auth(TOKEN);
    assert_eq!(answer.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn without_credentials_only_this_machines_own_names_are_answered() {
    let url = &shared().await.url;
    let status = async |host: &str| {
        let request = Client::new().get(format!("{url}/metrics")).header(HOST, host);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        if status != 200 {
            problem(answer).await;
        }
        status
    };
    for own in ["localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]", "[::1]:8080"] {
        assert_eq!(status(own).await, 200, "{own}");
    }
    let others = [
        "example.com",
        "localhost.example.com",
        "127.0.0.1.example.com:8080",
        "127.0.0.1@example.com",
        "example.com@127.0.0.1",
        "127.0.0.2",
        "0.0.0.0",
        "[::]",
        "",
    ];
    for other in others {
        assert_eq!(status(other).await, 421, "{other}");
    }
    let raw = [
        "GET http://example.com/metrics HTTP/1.1\r\nHost: localhost\r\n",
        "GET http://localhost/metrics HTTP/1.1\r\nHost: example.com\r\n",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: example.com\r\n",
        "GET /metrics HTTP/1.1\r\n",
        "GET /metrics HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Host: localhost\r\n",
    ];
    for request in raw {
        let answer = say(url, format!("{request}Connection: close\r\n\r\n").as_bytes()).await;
        assert_eq!(statuses(&answer), [421], "{request}");
    }
    let absolute = "GET http://localhost/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(statuses(&say(url, absolute.as_bytes()).await), [200]);
}

#[tokio::test]
async fn with_credentials_any_name_is_answered() {
    let url = guarded().await;
    let request = Client::new().get(format!("{url}/metrics")).bearer_auth(TOKEN);
    let answer = request.header(HOST, "dashboard.example").send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn pages_from_elsewhere_get_nothing() {
    let url = &shared().await.url;
    let host = url.trim_start_matches("http://");
    let port = host.rsplit_once(':').unwrap().1;
    let ask = async |path: &str, origin: &str, headers: HeaderMap| {
        let request = Client::new().get(format!("{url}{path}")).header(ORIGIN, origin);
        request.headers(headers).send().await.unwrap()
    };
    let read = async |origin: &str| ask("/metrics", origin, HeaderMap::new()).await;
    let open_socket = async |origin: &str| ask("/api/v1/status/live", origin, upgrade()).await;
    for own in [url.clone(), format!("https://{host}")] {
        assert_eq!(read(&own).await.status(), 200, "{own}");
        assert_eq!(open_socket(&own).await.status(), 101, "{own}");
    }
    let others = [
        "http://example.com",
        "http://localhost:1",
        "null",
        "",
        "file://",
        &format!("ftp://{host}"),
        &format!("http://127.0.0.1.example.com:{port}"),
    ];
    for other in others {
        for answer in [read(other).await, open_socket(other).await] {
            assert_eq!(problem(answer).await.0, 403, "{other}");
        }
    }
    let answer = shared().await.get("/metrics").await;
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}

/// What a browser sends to open a WebSocket.
fn upgrade() -> HeaderMap {
    let headers = [
        (CONNECTION, "upgrade"),
        (UPGRADE, "websocket"),
        (SEC_WEBSOCKET_VERSION, "13"),
        (SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    headers.into_iter().collect()
}
