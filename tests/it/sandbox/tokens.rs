//! `POST /api/token`, and what a call without a good token gets.

use firstpress::sandbox::Options;
use reqwest::Method;

use super::{Api, Got, send, still};

const FORM: &str = "application/x-www-form-urlencoded";

async fn token(api: &Api, client: Option<(&str, &str)>, content_type: &str, body: &str) -> Got {
    let request = api
        .http
        .post(api.sandbox.spotify_token_url.clone())
        .header("content-type", content_type);
    let request = match client {
        Some((id, secret)) => request.basic_auth(id, Some(secret)),
        None => request,
    };
    send(request.body(body.to_owned())).await.unwrap()
}

#[tokio::test]
async fn a_token_is_issued_for_basic_and_for_form_credentials() {
    let api = Api::still().await;
    let (id, secret) = (api.sandbox.client_id.as_str(), api.sandbox.client_secret.as_str());
    let by_header = token(&api, Some((id, secret)), FORM, "grant_type=client_credentials").await;
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let by_form = token(&api, None, FORM, &body).await;
    for got in [&by_header, &by_form] {
        assert_eq!(got.status, 200, "{}", got.text);
        assert_eq!(got.json()["token_type"], "Bearer");
        assert_eq!(got.json()["expires_in"], 3600);
        assert!((80..=150).contains(&got.json()["access_token"].as_str().unwrap().len()));
        assert_eq!(got.header("cache-control"), "no-cache, no-store, must-revalidate");
    }
    assert_ne!(by_header.json()["access_token"], by_form.json()["access_token"]);
}

#[tokio::test]
async fn every_row_of_the_error_table() {
    let api = Api::still().await;
    let own = Some((api.sandbox.client_id.as_str(), api.sandbox.client_secret.as_str()));
    let half = Some((api.sandbox.client_id.as_str(), "wrong"));
    let good = "grant_type=client_credentials";
    let missing = Some("grant_type parameter is missing");
    let spaced = Some("grant_type client_credentials  is not supported");
    for (client, content_type, body, (status, error, description)) in [
        (
            Some(("nobody", "x")),
            FORM,
            good,
            (400, "invalid_client", Some("Invalid client")),
        ),
        (
            half,
            FORM,
            good,
            (400, "invalid_client", Some("Invalid client secret")),
        ),
        (None, FORM, good, (400, "invalid_client", None)),
        (own, FORM, "", (400, "unsupported_grant_type", missing)),
        (own, "text/plain", good, (400, "unsupported_grant_type", missing)),
        (
            own,
            FORM,
            "grant_type=client_credentials+",
            (400, "unsupported_grant_type", spaced),
        ),
        (
            own,
            "application/json",
            "{}",
            (415, "server_error", Some("Unexpected status: 415")),
        ),
    ] {
        let got = token(&api, client, content_type, body).await;
        let answer = got.json();
        let found = (
            got.status.as_u16(),
            answer["error"].as_str().unwrap(),
            answer["error_description"].as_str(),
        );
        assert_eq!(found, (status, error, description), "{}", got.text);
        assert_eq!(
            answer.as_object().unwrap().len(),
            1 + usize::from(description.is_some()),
            "{}",
            got.text
        );
    }
}

#[tokio::test]
async fn calls_without_a_good_token_are_401_and_the_header_says_why() {
    let api = Api::start(Options {
        token_ttl: 60,
        ..still()
    })
    .await;
    let url = format!("{}/browse/new-releases", api.sandbox.spotify_api_url);
    let none = send(api.http.get(&url)).await.unwrap();
    let unknown = send(api.http.get(&url).bearer_auth("abc")).await.unwrap();
    assert_eq!(api.get("/browse/new-releases").await.status, 200);
    api.control(Method::POST, "clock", r#"{"advance_seconds": 61}"#)
        .await;
    let expired = api.get("/browse/new-releases").await;
    let basic = send(api.http.get(&url).basic_auth("a", Some("b"))).await.unwrap();

    for (got, reason) in [
        (
            &none,
            r#"error="missing_token", error_description="No token provided""#,
        ),
        (
            &unknown,
            r#"error="invalid_token", error_description="Invalid access token""#,
        ),
        (
            &expired,
            r#"error="invalid_token", error_description="The access token expired""#,
        ),
    ] {
        assert_eq!(got.error(), (401, "Missing/invalid/expired access token".into()));
        assert_eq!(
            got.header("www-authenticate"),
            format!(r#"Bearer realm="spotify", {reason}"#)
        );
    }
    assert_eq!(
        basic.error(),
        (400, "Only valid bearer authentication supported".into())
    );
}

#[tokio::test]
async fn tokens_of_another_sandbox_are_unknown() {
    let (one, mut other) = (Api::still().await, Api::still().await);
    other.token = one.token.clone();
    assert_eq!(other.get("/browse/new-releases").await.status, 401);
}
