//! An account, and the credentials of a task's role.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};

use super::Python;

/// What the container is given to ask for its credentials with.
const TOKEN: &str = "the-container's-token";

/// An AWS account in `eu-central-1`, which a task may use as its role allows.
pub(super) struct Account {
    /// For the programs of the task: where AWS is, and where its credentials are.
    pub(super) environment: Vec<(&'static str, String)>,
    /// The role's access key and its secret.
    pub(super) key: (String, String),
    _moto: Python,
}

impl Account {
    /// Starts one that holds these secrets and parameters; `allowed` lists what the role may do.
    pub(super) async fn start(secrets: Value, parameters: Value, allowed: &[&str]) -> Option<Self> {
        let told = json!({"secrets": secrets, "parameters": parameters, "allowed": allowed});
        let moto = Python::start("account.py", told).await?;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let credentials = &moto.said["credentials"];
        let environment = vec![
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("AWS_ENDPOINT_URL", text(&moto.said["url"])),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", serve(credentials).await),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", TOKEN.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        Some(Self {
            environment,
            key: (
                text(&credentials["AccessKeyId"]),
                text(&credentials["SecretAccessKey"]),
            ),
            _moto: moto,
        })
    }
}

/// The credentials as ECS serves them to a task. Returns the address.
async fn serve(credentials: &Value) -> String {
    let answer = json!({
        "AccessKeyId": credentials["AccessKeyId"],
        "SecretAccessKey": credentials["SecretAccessKey"],
        "Token": credentials["SessionToken"],
        "Expiration": credentials["Expiration"],
    });
    let answer = async move |headers: HeaderMap| match headers.get("authorization") {
        Some(token) if token == TOKEN => Ok(answer.to_string()),
        _ => Err(StatusCode::FORBIDDEN),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/role", get(answer));
    tokio::spawn(async { axum::serve(listener, router).await });
    format!("http://{address}/role")
}
