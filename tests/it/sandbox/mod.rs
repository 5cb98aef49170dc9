//! The sandbox as a client meets it: over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "functions that tests share fail like tests"
)]

mod catalogue;
mod connections;
mod endpoints;
mod fault_notation;
mod faults;
mod profiles;
mod quirks;
mod quota;
mod reccobeats;
mod search;
mod tokens;

use std::net::{Ipv4Addr, SocketAddr};

use firstpress::sandbox::{Options, Sandbox};
use reqwest::{RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;

/// An id that nothing has.
const UNKNOWN: &str = "7zzzzzzzzzzzzzzzzzzzzz";

/// A sandbox, and a client that holds a token.
struct Api {
    sandbox: Sandbox,
    http: reqwest::Client,
    token: String,
}

/// What came back.
struct Got {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and `error.message`.
    fn error(&self) -> (u16, String) {
        assert_eq!(
            self.json()["error"]["status"],
            self.status.as_u16(),
            "{}",
            self.text
        );
        (
            self.status.as_u16(),
            self.json()["error"]["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    }
}

impl Api {
    /// A list that stands still, unless the options say otherwise.
    async fn still() -> Self {
        Self::start(still()).await
    }

    async fn start(options: Options) -> Self {
        let sandbox = Sandbox::start(options, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .unwrap();
        let http = reqwest::Client::builder()
            .user_agent("firstpress-tests")
            .build()
            .unwrap();
        let mut api = Self {
            sandbox,
            http,
            token: String::new(),
        };
        api.token = api.new_token().await;
        api
    }

    async fn new_token(&self) -> String {
        let request = self
            .http
            .post(self.sandbox.spotify_token_url.clone())
            .basic_auth(&self.sandbox.client_id, Some(&self.sandbox.client_secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let got = send(request).await.unwrap();
        got.json()["access_token"].as_str().unwrap_or_default().to_owned()
    }

    fn request(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}{path}", self.sandbox.spotify_api_url))
            .bearer_auth(&self.token)
    }

    /// Any answer to a path under `/v1`, or how the connection failed.
    async fn try_get(&self, path: &str) -> Result<Got, reqwest::Error> {
        send(self.request(path)).await
    }

    async fn get(&self, path: &str) -> Got {
        self.try_get(path).await.unwrap()
    }

    /// The JSON of a good answer.
    async fn json(&self, path: &str) -> Value {
        let got = self.get(path).await;
        assert_eq!(got.status, 200, "{path}: {}", got.text);
        got.json()
    }

    async fn control(&self, method: reqwest::Method, path: &str, body: &str) -> Got {
        let url = format!("{}/{path}", self.sandbox.control_url);
        send(self.http.request(method, url).body(body.to_owned()))
            .await
            .unwrap()
    }

    async fn set_faults(&self, faults: &[&str]) {
        let body = serde_json::to_string(faults).unwrap();
        let got = self.control(reqwest::Method::POST, "faults", &body).await;
        assert_eq!(got.status, 204, "{}", got.text);
    }

    /// Every item of a list, page by page as `next` leads; `page` is where the page stands in an answer.
    async fn walk(&self, path: &str, page: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut path = path.to_owned();
        loop {
            let answer = self.json(&path).await;
            let page = if page.is_empty() { &answer } else { &answer[page] };
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else {
                return items;
            };
            let own = next.strip_prefix(self.sandbox.spotify_api_url.as_str());
            path = own.expect("a link of our own").to_owned();
        }
    }

    async fn new_releases(&self) -> Vec<Value> {
        self.walk("/browse/new-releases?limit=50", "albums").await
    }

    /// All albums of the list, in full.
    async fn albums(&self) -> Vec<Value> {
        self.several("albums", 20, &ids(&self.new_releases().await)).await
    }

    /// Objects by id, in batches.
    async fn several(&self, kind: &str, batch: usize, ids: &[String]) -> Vec<Value> {
        let mut found = Vec::new();
        for ids in ids.chunks(batch) {
            let answer = self.json(&format!("/{kind}?ids={}", ids.join(","))).await;
            found.extend(answer[kind.replace('-', "_")].as_array().unwrap().iter().cloned());
        }
        found
    }
}

fn still() -> Options {
    Options {
        release_every: 0.0,
        calls_per_window: 0,
        ..Options::default()
    }
}

async fn send(request: RequestBuilder) -> Result<Got, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Got {
        status,
        headers,
        text: response.text().await?,
    })
}

fn ids(objects: &[Value]) -> Vec<String> {
    objects
        .iter()
        .filter_map(|object| object["id"].as_str().map(str::to_owned))
        .collect()
}

/// The distinct ids of the tracks that albums embed.
fn track_ids(albums: &[Value]) -> Vec<String> {
    let tracks = albums
        .iter()
        .flat_map(|album| album["tracks"]["items"].as_array().unwrap());
    let mut ids = ids(&tracks.cloned().collect::<Vec<_>>());
    ids.sort();
    ids.dedup();
    ids
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Asserts the keys of an object, written as one line.
fn assert_keys(object: &Value, expected: &str) {
    assert_eq!(keys(object).join(" "), expected);
}
