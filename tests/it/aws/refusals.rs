//! What AWS answers when it refuses, and what is made of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;

use super::assert_silent;
use crate::pipeline::{Ended, command, empty_directory};

/// An AWS that gives everybody the same answer, and counts the calls.
struct Answering {
    url: String,
    calls: Arc<AtomicUsize>,
}

impl Answering {
    async fn with(status: u16, body: &'static str) -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let answer = async move |_: Request| {
            counter.fetch_add(1, Ordering::Relaxed);
            (StatusCode::from_u16(status).unwrap(), body)
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { url, calls }
    }

    async fn firstpress(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Ended {
        let aws = [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "canary-key"),
        ];
        firstpress(arguments, &[&aws, settings].concat()).await
    }
}

async fn firstpress(arguments: &[&str], settings: &[(&str, &str)]) -> Ended {
    let directory = empty_directory();
    let mut command = command(&directory, arguments);
    command.env("HOME", &directory).envs(settings.iter().copied());
    Ended::from(command.output().await.unwrap())
}

#[tokio::test]
async fn what_aws_refuses_is_told_with_the_reference_and_the_way_out() {
    let denied = r#"{"__type": "AccessDeniedException", "Message": "User: arn:aws:sts::1:assumed-role/task/run is not authorized to perform: secretsmanager:GetSecretValue on resource: prod"}"#;
    let kms = r#"{"__type": "AccessDeniedException", "Message": "Access to KMS is not allowed"}"#;
    let expired = r#"{"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}"#;
    let binary = r#"{"Name": "prod", "SecretBinary": "Y2FuYXJ5"}"#;
    let cases = [
        (
            400,
            denied,
            "secretsmanager://prod",
            "allow secretsmanager:GetSecretValue to the role",
        ),
        (400, denied, "secretsmanager://prod", "assumed-role/task/run"),
        (400, kms, "secretsmanager://prod", "allow kms:Decrypt"),
        (
            400,
            expired,
            "ssm://prod",
            "AWS answered ExpiredTokenException: The security token",
        ),
        (
            400,
            r#"{"__type": "ParameterNotFound"}"#,
            "ssm://prod",
            "no such parameter in eu-west-1",
        ),
        (200, binary, "secretsmanager://prod", "the secret is binary"),
        (
            200,
            r#"{"SecretString": " "}"#,
            "secretsmanager://prod",
            "the value kept there is empty",
        ),
        (
            200,
            r#"{"SecretString": "canary"}"#,
            "secretsmanager://prod#key",
            "not a JSON object",
        ),
        (
            200,
            r#"{"SecretString": "canary"}"#,
            "secretsmanager://",
            "expected secretsmanager://NAME",
        ),
    ];
    for (status, body, reference, part) in cases {
        let aws = Answering::with(status, body).await;
        let ended = aws.firstpress(&["status"], &[("DATABASE_URL", reference)]).await;
        let told = &ended.stderr;
        assert_eq!(ended.code, Some(2), "{told}");
        assert!(
            told.contains(&format!("DATABASE_URL: {reference}: ")) && told.contains(part),
            "{part}: {told}"
        );
        assert_silent(told, &["canary"]);
    }
}

#[tokio::test]
async fn what_s3_refuses_is_told_with_the_address_and_the_way_out() {
    let xml = |code: &str| -> &'static str {
        let signed = "<StringToSign>canary</StringToSign>";
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code>{signed}</Error>").leak()
    };
    let cases = [
        (403, xml("AccessDenied"), "allow s3:GetObject to the role"),
        (404, xml("NoSuchKey"), "no such object in eu-west-1"),
        (404, xml("NoSuchBucket"), "no such bucket in eu-west-1"),
        (301, xml("PermanentRedirect"), "in another region than eu-west-1"),
        (
            400,
            xml("AuthorizationHeaderMalformed"),
            "in another region than eu-west-1",
        ),
        (
            403,
            xml("SignatureDoesNotMatch"),
            "S3 answered SignatureDoesNotMatch",
        ),
        (
            200,
            "SPOTIFY_CLIENT_SECRET=canary with spaces",
            "entry 1 is not NAME=value",
        ),
    ];
    for (status, body, part) in cases {
        let aws = Answering::with(status, body).await;
        let ended = aws
            .firstpress(&["status", "--env-from", "s3://settings/.env"], &[])
            .await;
        let told = &ended.stderr;
        assert_eq!(ended.code, Some(2), "{told}");
        assert!(
            told.contains("s3://settings/.env: ") && told.contains(part),
            "{part}: {told}"
        );
        assert_silent(told, &["canary"]);
    }
}

#[tokio::test]
async fn a_wrong_value_behind_a_reference_is_named_and_not_shown_and_fetched_once() {
    let aws = Answering::with(
        200,
        r#"{"SecretString": "{\"a\": \"canary-a\", \"b\": \"canary-b\"}"}"#,
    )
    .await;
    let settings = [
        ("SPOTIFY_MAX_IN_FLIGHT", "secretsmanager://prod#a"),
        ("AUDIO_FEATURES", "secretsmanager://prod#b"),
        ("SPOTIFY_API_URL", "secretsmanager://prod#a"),
        ("DATABASE_URL", "secretsmanager://prod"),
    ];
    let ended = aws.firstpress(&["status"], &settings).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    for part in [
        "SPOTIFY_MAX_IN_FLIGHT: what secretsmanager://prod#a holds (not shown) is not what is expected: a number",
        "AUDIO_FEATURES: what secretsmanager://prod#b holds (not shown)",
        "SPOTIFY_API_URL: what secretsmanager://prod#a holds (not shown)",
        "DATABASE_URL: not a Postgres URL",
    ] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    assert_silent(&ended.stderr, &["canary"]);
    assert_eq!(aws.calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn nobody_waits_long_for_credentials_that_are_not_there() {
    let references = [
        ("DATABASE_URL", "secretsmanager://prod"),
        ("SPOTIFY_CLIENT_SECRET", "ssm://secret"),
        ("SPOTIFY_CLIENT_ID", "id"),
        ("AWS_REGION", "eu-west-1"),
    ];
    for metadata in ["true", "false"] {
        let started = Instant::now();
        let settings = [&references[..], &[("AWS_EC2_METADATA_DISABLED", metadata)]].concat();
        let ended = firstpress(&["status"], &settings).await;
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{:?}",
            started.elapsed()
        );
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        for part in [
            "DATABASE_URL, SPOTIFY_CLIENT_SECRET: cannot be fetched: no AWS credentials: looked in AWS_ACCESS_KEY_ID",
            "a setting is wrong",
        ] {
            assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn no_region_is_named() {
    let settings = [
        ("DATABASE_URL", "secretsmanager://prod"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "canary-key"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let ended = firstpress(&["status"], &settings).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("no AWS region is set: set AWS_REGION"),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn an_endpoint_that_is_not_encrypted_gets_no_file_of_settings_asked_of_it() {
    let settings = [
        ("AWS_ENDPOINT_URL_S3", "http://s3.example"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "canary-key"),
    ];
    let ended = firstpress(&["status", "--env-from", "s3://settings/.env"], &settings).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("neither https nor on this machine"),
        "{}",
        ended.stderr
    );
    let ended = firstpress(&["status", "--env-from", "/etc/env"], &settings).await;
    assert!(
        ended.stderr.contains("is not s3://BUCKET/KEY"),
        "{}",
        ended.stderr
    );
}
