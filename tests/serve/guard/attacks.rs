//! Requests that no client of good will sends, as bytes.

use reqwest::{Client, Method, StatusCode};

use super::{guarded, say, statuses, with};
use crate::server::{problem, shared};

const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self';",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=()"),
];

#[tokio::test]
async fn nothing_but_reading_is_possible() {
    let url = &shared().await.url;
    for method in [
        "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get",
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for path in ["/metrics", "/nowhere"] {
            let request = Client::new().request(method.clone(), format!("{url}{path}"));
            let answer = request.send().await.unwrap();
            assert_eq!(answer.headers()["allow"], "GET, HEAD", "{method}");
            assert_eq!(problem(answer).await.0, 405, "{method}");
        }
    }
    let connect = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nConnection: close\r\n\r\n";
    assert_eq!(statuses(&say(url, connect.as_bytes()).await), [405]);
    let head = Client::new().head(format!("{url}/metrics")).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.text().await.unwrap(), "");
}

#[tokio::test]
async fn what_is_too_large_is_named() {
    let url = &shared().await.url;
    let client = Client::new();
    let parameters: String = (0..10_000).map(|number| format!("a{number}=1&")).collect();
    let (long, huge) = ("a".repeat(9_000), "a".repeat(20_000));
    let requests = [
        (client.get(format!("{url}/{long}")), StatusCode::URI_TOO_LONG),
        (
            client.get(format!("{url}/metrics?{long}")),
            StatusCode::URI_TOO_LONG,
        ),
        (
            client.get(format!("{url}/metrics?{}", &parameters[..60_000])),
            StatusCode::URI_TOO_LONG,
        ),
        (
            client.get(format!("{url}/metrics")).header("cookie", &huge),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        ),
        (
            client.get(format!("{url}/metrics")).body(huge.clone()),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            client.post(format!("{url}/metrics")).body(huge.clone()),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ];
    for (request, status) in requests {
        let (answered, _) = problem(request.send().await.unwrap()).await;
        assert_eq!(answered, status.as_u16());
    }
    // beyond what the guard gets to see, answered without a body
    for (request, status) in [
        (
            format!("GET /?{parameters} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            [414],
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\r\n",
                "a".repeat(1_000_000)
            ),
            [431],
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
                "a: b\r\n".repeat(200)
            ),
            [431],
        ),
    ] {
        let said = statuses(&say(url, request.as_bytes()).await);
        // who is still sending when the connection is closed may hear nothing of it
        assert!(said.is_empty() || said == status, "{said:?} {}", &request[..40]);
    }
    assert_eq!(shared().await.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn no_second_request_hides_in_the_first() {
    let url = guarded().await;
    let hidden = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let smuggled = [
        format!(
            "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
            hidden.len() + 5
        ),
        format!(
            "GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{hidden}"
        ),
        format!(
            "GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{hidden}"
        ),
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{hidden}"),
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n{hidden}"),
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n{hidden}"),
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n{hidden}"),
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n{hidden}"),
        format!("GET /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"),
    ];
    for request in smuggled {
        let said = statuses(&say(&url, request.as_bytes()).await);
        assert!(matches!(said[..], [400 | 413]), "{said:?} {request}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_request_are_refused_and_do_no_harm() {
    let url = with(&[]).await;
    let strange: [(&[u8], &[u16]); 14] = [
        (b"\x00\x01\x02\x03\r\n\r\n", &[400]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", &[400]),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[]),
        (b"GET /healthz\r\n\r\n", &[400]),
        (b"GET /healthz HTTP/9.9\r\n\r\n", &[400]),
        (b"GET /health\x00z HTTP/1.1\r\nHost: localhost\r\n\r\n", &[400]),
        (b"GET /health z HTTP/1.1\r\nHost: localhost\r\n\r\n", &[400]),
        (
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\x00c\r\n\r\n",
            &[400],
        ),
        (
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nA\rB: c\r\n\r\n",
            &[400],
        ),
        (
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n folded: line\r\n\r\n",
            &[400],
        ),
        (
            b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            &[400, 404],
        ),
        (
            b"GET /%ff%fe%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            &[404],
        ),
        (
            b"GET /metrics?%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            &[200],
        ),
        (
            b"GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            &[404],
        ),
    ];
    for (request, expected) in strange {
        let answer = say(&url, request).await;
        let (said, request) = (statuses(&answer), String::from_utf8_lossy(request));
        let is_expected = match said[..] {
            [] => expected.is_empty() || expected.contains(&400),
            [status] => expected.contains(&status) || (expected.is_empty() && status >= 400),
            _ => false,
        };
        assert!(is_expected, "{said:?} {request}");
        assert!(!answer.to_lowercase().contains("\nset-cookie"), "{request}");
    }
    let answer = reqwest::get(format!("{url}/healthz")).await.unwrap();
    assert_eq!(answer.status(), 200);
}

/// The files asked for are there, and with endings that are given out.
#[tokio::test]
async fn no_path_leads_out_of_the_assets() {
    let url = &shared().await.url;
    let outside = concat!(env!("CARGO_MANIFEST_DIR"), "/src/docs/page/page.css");
    assert!(std::path::Path::new(outside).exists());
    let (escaped, backwards) = (outside.replace('/', "%2f"), outside.replace('/', "\\"));
    for path in [
        "/assets/../../docs/page/page.css",
        "/assets/%2e%2e/%2e%2e/docs/page/page.css",
        "/assets/..%2f..%2fdocs%2fpage%2fpage.css",
        "/assets/..%5c..%5cdocs%5cpage%5cpage.css",
        "/../../docs/page/page.css",
        &format!("/assets/{outside}"),
        &format!("/assets/{escaped}"),
        &format!("/assets/{backwards}"),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = say(url, request.as_bytes()).await;
        assert!(matches!(statuses(&answer)[..], [400 | 404]), "{path}: {answer}");
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_they_may_do_and_nobody_what_serves_it() {
    let (open, guarded) = (&shared().await.url, guarded().await);
    let asked = [
        (Method::GET, format!("{open}/healthz"), 200),
        (Method::GET, format!("{open}/metrics"), 200),
        (Method::GET, format!("{open}/nowhere"), 404),
        (Method::POST, format!("{open}/metrics"), 405),
        (Method::GET, format!("{open}/{}", "a".repeat(9_000)), 414),
        (Method::GET, format!("{guarded}/metrics"), 401),
    ];
    for (method, url, status) in asked {
        let answer = Client::new().request(method, &url).send().await.unwrap();
        assert_eq!(answer.status(), status);
        for (name, begin) in HEADERS {
            let value = answer.headers()[name].to_str().unwrap();
            assert!(value.starts_with(begin), "{url} {name}: {value}");
        }
        for told in ["server", "x-powered-by", "access-control-allow-origin"] {
            assert!(!answer.headers().contains_key(told), "{url} {told}");
        }
    }
}
