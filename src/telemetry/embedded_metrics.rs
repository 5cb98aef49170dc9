//! Figures in CloudWatch's embedded metric format: JSON lines in the log, of which CloudWatch Logs makes metrics.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::{self, Write};

use chrono::Utc;
use serde_json::{Value, json};

use crate::run::{Amount, Figure, RunReport};

/// Writes the figures to stderr: a document for those of the run, and one for each stage, since a document has one
/// value for a dimension.
pub(super) fn write(namespace: &str, report: &RunReport, figures: &[Figure]) {
    for figures in figures.chunk_by(|one, next| one.stage == next.stage) {
        // with nobody left to read stderr there is nobody to tell
        let _ = writeln!(io::stderr(), "{}", document(namespace, report, figures));
    }
}

/// Figures of one stage, or of the run.
fn document(namespace: &str, report: &RunReport, figures: &[Figure]) -> Value {
    let stage = figures.first().and_then(|figure| figure.stage);
    let metrics: Vec<Value> = figures
        .iter()
        .map(|figure| json!({ "Name": figure.name, "Unit": unit(figure.amount) }))
        .collect();
    let mut document = json!({
        "_aws": {
            "Timestamp": Utc::now().timestamp_millis(),
            "CloudWatchMetrics": [{
                "Namespace": namespace,
                "Dimensions": [stage.map_or(vec![], |_| vec!["Stage"])],
                "Metrics": metrics,
            }],
        },
        "run_id": report.run_id,
        "level": "INFO",
    });
    if let Value::Object(members) = &mut document {
        members.extend(stage.map(|stage| ("Stage".to_owned(), json!(stage))));
        members.extend(
            figures
                .iter()
                .map(|figure| (figure.name.to_owned(), value(figure.amount))),
        );
    }
    document
}

fn unit(amount: Amount) -> &'static str {
    match amount {
        Amount::Count(_) => "Count",
        Amount::Seconds(_) => "Seconds",
    }
}

fn value(amount: Amount) -> Value {
    match amount {
        Amount::Count(count) => json!(count),
        Amount::Seconds(seconds) => json!(seconds),
    }
}
