//! A message to a webhook when a run has failed, in the form that Slack, Mattermost and Discord (below `/slack`) read.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::http::describe;
use crate::postgres::runs::Status;
use crate::run::RunReport;

/// How long the webhook may take, each of two times.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Characters of an error that are shown; Discord takes 2,000 in all.
const LONGEST_ERROR: usize = 1000;

/// Sends the message if the run has failed. A webhook that does not take it is warned of, and changes nothing else.
pub(super) async fn send(url: &SecretString, report: &RunReport) {
    if report.outcome != Status::Failed {
        return;
    }
    let mut sent = post(url, &text(report)).await;
    if sent.is_err() {
        sent = post(url, &text(report)).await;
    }
    if let Err(refusal) = sent {
        tracing::warn!("ALERT_WEBHOOK_URL did not take the alert: {refusal}");
    }
}

async fn post(url: &SecretString, text: &str) -> Result<(), String> {
    let no_answer = |error: reqwest::Error| describe(&error);
    let client = reqwest::Client::builder()
        .user_agent(concat!("firstpress/", env!("CARGO_PKG_VERSION")))
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    let request = client
        .build()
        .map_err(no_answer)?
        .post(url.expose_secret())
        .header(CONTENT_TYPE, "application/json")
        .body(json!({ "text": text }).to_string());
    let status = request.send().await.map_err(no_answer)?.status();
    match status.is_success() {
        true => Ok(()),
        false => Err(format!("it answered {}", status.as_u16())),
    }
}

/// What failed, and what to do next. Slack reads `<`, `>` and `&` as its own, so they are escaped.
fn text(report: &RunReport) -> String {
    let error = report.error.as_deref().unwrap_or("no reason is known");
    let shown: String = error.chars().take(LONGEST_ERROR).collect();
    let more = if shown.len() < error.len() { "…" } else { "" };
    let next = match report.exit_code {
        2 => "Correct the setting that is named; `firstpress doctor` looks at all of them.",
        3 => {
            "The tables stand as they were. `ops.check_failures` holds the first rows that were found; once their \
             cause is mended, the next run publishes."
        }
        _ => {
            "What was complete is stored, and the next run goes on from there. `firstpress doctor` says what is \
             wrong, `firstpress status` what waits."
        }
    };
    let text = format!(
        "firstpress run {} failed with exit code {}: {shown}{more}\n{next}",
        report.run_id, report.exit_code
    );
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
