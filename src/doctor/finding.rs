//! What the doctor found.

use std::fmt;

use comfy_table::ContentArrangement;
use serde::Serialize;

use crate::table::table;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A run can work with it.
    Ok,
    /// A run can work with it for now, or does less than it could.
    Warning,
    /// A run fails.
    Fault,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "FAULT",
        })
    }
}

/// One thing that was looked at. No text holds a secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What was looked at: `token`, or an endpoint's path for instance.
    pub subject: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub detail: String,
    /// What mends it; null where nothing is to be mended.
    pub remedy: Option<String>,
}

impl Finding {
    pub(super) fn ok(subject: &str, detail: impl Into<String>) -> Self {
        Self {
            subject: subject.to_owned(),
            verdict: Verdict::Ok,
            detail: detail.into(),
            remedy: None,
        }
    }

    pub(super) fn warning(subject: &str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warning,
            remedy: Some(remedy.into()),
            ..Self::ok(subject, detail)
        }
    }

    pub(super) fn fault(subject: &str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Fault,
            remedy: Some(remedy.into()),
            ..Self::ok(subject, detail)
        }
    }
}

/// All that was found, in the order in which it was looked at.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// Whether there is no fault; warnings are allowed.
    pub ok: bool,
    /// One for each thing.
    pub findings: Vec<Finding>,
}

impl From<Vec<Finding>> for Diagnosis {
    fn from(findings: Vec<Finding>) -> Self {
        Self {
            ok: findings.iter().all(|finding| finding.verdict != Verdict::Fault),
            findings,
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = table(&["", "what", "found"], &[]);
        lines.set_content_arrangement(ContentArrangement::Dynamic);
        for finding in &self.findings {
            let remedy = finding.remedy.as_ref();
            let found = remedy.map_or(finding.detail.clone(), |remedy| {
                format!("{}\n→ {remedy}", finding.detail)
            });
            lines.add_row([finding.verdict.to_string(), finding.subject.clone(), found]);
        }
        writeln!(formatter, "{lines}\n")?;
        let count = |verdict| {
            let findings = self.findings.iter();
            findings.filter(|finding| finding.verdict == verdict).count()
        };
        match (count(Verdict::Fault), count(Verdict::Warning)) {
            (0, 0) => write!(formatter, "All is well."),
            (0, warnings) => write!(formatter, "A run can work. Warnings: {warnings}."),
            (faults, warnings) => write!(formatter, "Faults: {faults}. Warnings: {warnings}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_a_line_for_each_thing_with_the_remedy_below_and_the_sum_at_the_end() {
        let well = vec![Finding::ok("token", "granted")];
        assert!(
            Diagnosis::from(well.clone())
                .to_string()
                .ends_with("All is well.")
        );
        let warned = [well, vec![Finding::warning("disk", "full", "make room")]].concat();
        let text = Diagnosis::from(warned.clone()).to_string();
        assert!(text.contains("full") && text.contains("→ make room"), "{text}");
        assert!(text.ends_with("A run can work. Warnings: 1."), "{text}");
        let ill = [warned, vec![Finding::fault("schema", "newer", "use another")]].concat();
        let text = Diagnosis::from(ill).to_string();
        assert!(
            text.contains("FAULT") && text.ends_with("Faults: 1. Warnings: 1."),
            "{text}"
        );
    }
}
