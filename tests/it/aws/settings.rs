//! Settings that are kept in AWS.

use serde_json::json;

use super::account::Account;
use super::{assert_silent, bucket};
use crate::pipeline::{Ended, Pipeline, command, empty_directory, still};

const READING: [&str; 2] = ["secretsmanager:GetSecretValue", "ssm:GetParameter"];

#[tokio::test]
async fn a_run_in_a_task_takes_every_setting_from_aws() {
    let pipeline = Pipeline::new(still()).await;
    let (id, secret) = (
        pipeline.sandbox.client_id.clone(),
        pipeline.sandbox.client_secret.clone(),
    );
    let database = pipeline.database.url.clone();
    let prod = json!({"spotify": secret, "database_url": database, "pace": 1000}).to_string();
    let secrets = json!({"firstpress/prod": prod});
    let parameters = json!({"/firstpress/client-id": id, "market": "DE"});
    let Some(account) = Account::start(secrets, parameters, &READING).await else {
        return;
    };
    let buckets = empty_directory();
    let file = "SPOTIFY_CLIENT_ID=ssm:///firstpress/client-id\n\
                SPOTIFY_CLIENT_SECRET=secretsmanager://firstpress/prod#spotify\n\
                DATABASE_URL=secretsmanager://firstpress/prod#database_url\n\
                SPOTIFY_REQUESTS_PER_SECOND='secretsmanager://firstpress/prod#pace'\n\
                SPOTIFY_MARKET=ssm://market\n\
                LOG_FORMAT=json\n\
                SPOTIFY_MAX_IN_FLIGHT=many\n\
                NOT_A_SETTING=ssm://of-another-program\n";
    std::fs::create_dir_all(buckets.join("settings/prod")).unwrap();
    std::fs::write(buckets.join("settings/prod/.env"), file).unwrap();
    // the file of --env-from wins over this, and the environment over that
    pipeline.file(".env", "LOG_FORMAT=xml\n");
    let mut pipeline = pipeline
        .with(
            "AWS_ENDPOINT_URL_S3",
            &bucket::serve(&buckets, &account.key).await,
        )
        .with("SPOTIFY_MAX_IN_FLIGHT", "4");
    for (name, value) in &account.environment {
        pipeline = pipeline.with(name, value);
    }
    for name in [
        "SPOTIFY_CLIENT_ID",
        "SPOTIFY_CLIENT_SECRET",
        "DATABASE_URL",
        "SPOTIFY_REQUESTS_PER_SECOND",
    ] {
        pipeline = pipeline.without(name);
    }

    let ended = pipeline
        .firstpress(&["run", "--env-from", "s3://settings/prod/.env"])
        .await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.result["loaded"]["albums"], 60);
    let calls = pipeline.calls().await;
    assert!(
        calls.iter().any(|(_, path)| path.contains("market=DE")),
        "{calls:?}"
    );
    let everything = format!("{}{}", ended.stderr, ended.result);
    assert_silent(&everything, &[&secret, &database, &account.key.1]);

    let doctor = pipeline
        .firstpress(&["doctor", "--env-from", "s3://settings/prod/.env"])
        .await;
    let told = format!("{}{}", doctor.stderr, doctor.result);
    for part in [
        "s3://settings/prod/.env",
        "SPOTIFY_CLIENT_SECRET from secretsmanager://firstpress/prod#spotify",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_silent(&told, &[&secret, &database, &account.key.1]);
}

#[tokio::test]
async fn a_missing_right_a_missing_secret_and_another_region_are_named_at_once() {
    let secrets = json!({"firstpress/prod": r#"{"url": "canary-in-a-secret"}"#});
    let parameters = json!({"/firstpress/secret": "canary-in-a-parameter"});
    let allowed = ["secretsmanager:GetSecretValue"];
    let Some(account) = Account::start(secrets, parameters, &allowed).await else {
        return;
    };
    let settings = [
        ("DATABASE_URL", "secretsmanager://firstpress/prod#url"),
        ("SPOTIFY_CLIENT_ID", "secretsmanager://firstpress/prod#id"),
        ("SPOTIFY_CLIENT_SECRET", "ssm:///firstpress/secret"),
        ("TEMPLATES_DIR", "secretsmanager://firstpress/test"),
    ];
    let ended = firstpress(&account, &settings).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    for part in [
        "DATABASE_URL: not a Postgres URL",
        "SPOTIFY_CLIENT_ID: secretsmanager://firstpress/prod#id: the secret's JSON has no key \"id\"",
        "SPOTIFY_CLIENT_SECRET: ssm:///firstpress/secret: access denied: allow ssm:GetParameter",
        "TEMPLATES_DIR: secretsmanager://firstpress/test: there is no such secret in eu-central-1",
    ] {
        assert!(
            ended.stderr.contains(part),
            "{part} is missing from {}",
            ended.stderr
        );
    }
    assert_silent(&ended.stderr, &["canary-in", &account.key.1]);

    let elsewhere = [
        ("AWS_REGION", "us-west-2"),
        ("DATABASE_URL", "secretsmanager://firstpress/prod#url"),
    ];
    let ended = firstpress(&account, &elsewhere).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("no such secret in us-west-2; AWS_REGION says"),
        "{}",
        ended.stderr
    );
}

async fn firstpress(account: &Account, settings: &[(&str, &str)]) -> Ended {
    let mut command = command(&empty_directory(), &["status"]);
    let environment = account
        .environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    command.envs(environment).envs(settings.iter().copied());
    Ended::from(command.output().await.unwrap())
}
