//! A login by IAM, to a Postgres that asks for what RDS asks for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use firstpress::postgres::embedded::{EmbeddedPostgres, Settings};
use serde_json::json;
use sqlx::{ConnectOptions, PgConnection};

use super::{Python, assert_silent};
use crate::pipeline::{Pipeline, empty_directory, still};

const KEY: [(&str, &str); 4] = [
    ("AWS_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "canary-of-the-key"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
];

/// A Postgres with TLS that takes only tokens from its user `app`.
struct Rds {
    server: EmbeddedPostgres,
    port: u16,
    ca: String,
    _iam: Python,
}

impl Rds {
    async fn start() -> Option<Self> {
        let server = EmbeddedPostgres::start(Settings {
            directory: empty_directory().join("postgres"),
            bin_dir: None,
            durable: false,
        })
        .await
        .unwrap();
        let port = server.connect_options().get_port();
        let told = json!({
            "host": "localhost",
            "port": port,
            "user": "app",
            "region": KEY[0].1,
            "key_id": KEY[1].1,
            "key_secret": KEY[2].1,
        });
        let iam = Python::start("rds.py", told).await?;
        let mut admin = server.connect_options().connect().await.unwrap();
        let text = |name: &str| iam.said[name].as_str().unwrap();
        put(&mut admin, "server.crt", text("certificate")).await;
        put(&mut admin, "server.key", text("key")).await;
        let rules: String = sqlx::query_scalar("select pg_read_file('pg_hba.conf')")
            .fetch_one(&mut admin)
            .await
            .unwrap();
        let ldap = format!(
            "ldapserver=127.0.0.1 ldapport={} ldapprefix=cn=",
            iam.said["ldap_port"]
        );
        let rules =
            format!("hostssl trends app 127.0.0.1/32 ldap {ldap}\nhost all app 0.0.0.0/0 reject\n{rules}");
        put(&mut admin, "pg_hba.conf", &rules).await;
        for statement in [
            "create role app login",
            "create database trends owner app",
            "alter system set ssl = on",
            "select pg_reload_conf()",
        ] {
            sqlx::raw_sql(statement).execute(&mut admin).await.unwrap();
        }
        let ca = empty_directory().join("ca.pem");
        std::fs::write(&ca, text("ca")).unwrap();
        Some(Self {
            server,
            port,
            ca: ca.display().to_string(),
            _iam: iam,
        })
    }

    fn url(&self, rest: &str) -> String {
        format!("postgres://app@localhost:{}/trends?auth=rds-iam{rest}", self.port)
    }
}

/// Writes a file into the server's data directory, as the server's own account.
async fn put(admin: &mut PgConnection, name: &str, content: &str) {
    let encoded = STANDARD.encode(content);
    let shell = format!("umask 077 && base64 -d > {name}");
    let statement = format!("copy (select '{encoded}') to program '{shell}'");
    sqlx::raw_sql(&statement).execute(admin).await.unwrap();
}

#[tokio::test]
async fn a_run_logs_in_with_tokens_that_boto3_would_sign() {
    let Some(rds) = Rds::start().await else { return };
    let mut pipeline = Pipeline::new(still()).await;
    for (name, value) in KEY {
        pipeline = pipeline.with(name, value);
    }
    let trusted = rds.url(&format!("&sslrootcert={}", rds.ca));
    let pipeline = pipeline.with("DATABASE_URL", &trusted);
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.result["loaded"]["albums"], 60);
    let secrets = ["canary-of-the-key", "X-Amz-Signature"];
    assert_silent(&format!("{}{}", ended.stderr, ended.result), &secrets);

    let doctor = pipeline.firstpress(&["doctor"]).await;
    let told = format!("{}{}", doctor.stderr, doctor.result);
    assert!(
        told.contains("by IAM, signed with the AWS key AKIDEXAMPLE for eu-central-1"),
        "{told}"
    );
    assert_silent(&told, &secrets);

    let pipeline = pipeline.with("AWS_SECRET_ACCESS_KEY", "canary-of-another-key");
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    for part in [
        "RDS at localhost does not let app in by IAM",
        "rds-db:connect",
        "rds_iam",
    ] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    assert_silent(&ended.stderr, &["canary-of", "X-Amz-Signature"]);

    let pipeline = pipeline.with("DATABASE_URL", &rds.url(""));
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("sslrootcert"), "{}", ended.stderr);
    rds.server.stop().await.unwrap();
}
