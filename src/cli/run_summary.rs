//! What `firstpress run` prints at its end.

use std::fmt;

use serde::Serialize;

use super::failed_checks::write_check;
use crate::extract::DiscoveryWay;
use crate::postgres::drift::{Change, Drift};
use crate::reccobeats;
use crate::run::{Archived, RunReport};
use crate::summary::Summary;
use crate::transform::{CheckReport, CheckStatus};

/// The three answers, and what the run did.
#[derive(Serialize)]
pub(super) struct RunSummary {
    #[serde(flatten)]
    pub(super) report: RunReport,
    #[serde(flatten)]
    pub(super) answers: Summary,
    /// What opens psql on firstpress's own database; none where `DATABASE_URL` says how to reach it.
    #[serde(skip)]
    pub(super) psql: Option<String>,
}

impl fmt::Display for RunSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.report;
        writeln!(formatter, "{}", self.answers)?;
        writeln!(formatter, "{}", news(report))?;
        if report.refreshed.track_popularity > 0 {
            let tracks = counted(report.refreshed.track_popularity, "track");
            writeln!(formatter, "Popularity read again: {tracks}.")?;
        }
        if report.quarantined > 0 {
            let items = counted(report.quarantined, "item");
            writeln!(
                formatter,
                "Put aside in raw.quarantine, with the reason: {items}."
            )?;
        }
        if !report.drift.is_empty() {
            writeln!(
                formatter,
                "The API's answers changed: {}.",
                changes(&report.drift)
            )?;
        }
        for check in report
            .checks
            .iter()
            .filter(|check| check.status == CheckStatus::Warned)
        {
            write!(formatter, "Warned: ")?;
            write_check(formatter, check)?;
        }
        if let Some(error) = &report.postponed {
            writeln!(formatter, "The rest waits for a later run: {error}.")?;
        }
        if let Some(archived) = &report.archived {
            writeln!(formatter, "{}", archive(archived))?;
        }
        if let Some(budget) = budget(report) {
            writeln!(formatter, "{budget}")?;
        }
        write!(formatter, "{}", effort(report))?;
        match &self.psql {
            Some(command) => write!(formatter, "\nLook into the tables with: {command}"),
            None => Ok(()),
        }
    }
}

/// What was to be done, and what of it is stored.
fn news(report: &RunReport) -> String {
    let to_do = report.new_albums + report.left_by_earlier_runs;
    if report.listed == 0 && report.postponed.is_some() {
        return format!("The list of new releases was not read.{}", stored(report, to_do));
    }
    let mut found = match report.new_albums {
        0 => format!("Nothing new among {}", counted(report.listed, "listed album")),
        new => format!(
            "{} of {} {}",
            counted(new, "new album"),
            report.listed,
            listed(report)
        ),
    };
    if report.left_by_earlier_runs > 0 {
        found += &format!(", {} left by an earlier run", report.left_by_earlier_runs);
    }
    format!("{found}.{}", stored(report, to_do))
}

fn listed(report: &RunReport) -> &'static str {
    match report.discovered_by {
        DiscoveryWay::NewReleases => "listed",
        DiscoveryWay::Search => "found by a search",
    }
}

/// A line of its own where there was something to store.
fn stored(report: &RunReport, to_do: u64) -> String {
    let loaded = &report.loaded;
    if to_do == 0 {
        return String::new();
    }
    if loaded.albums == 0 {
        return format!("\nNone of {} stored.", counted(to_do, "album"));
    }
    format!(
        "\n{} of {} stored: {}, {} with details, {} about audio features.",
        loaded.albums,
        counted(to_do, "album"),
        counted(loaded.album_tracks, "track"),
        loaded.track_details,
        counted(loaded.audio_features, "answer")
    )
}

/// What kinds of objects lost and gained, each kind once: `/albums album lost label, popularity and gained upc`.
fn changes(drift: &[Drift]) -> String {
    let kinds = drift.chunk_by(|a, b| (&a.endpoint, &a.object) == (&b.endpoint, &b.object));
    let of_kind = |kind: &[Drift]| {
        let fields = |change: Change| {
            let fields = kind.iter().filter(|drift| drift.change == change);
            fields
                .map(|drift| drift.field.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let lost_and_gained = match (fields(Change::Vanished), fields(Change::Appeared)) {
            (lost, gained) if gained.is_empty() => format!("lost {lost}"),
            (lost, gained) if lost.is_empty() => format!("gained {gained}"),
            (lost, gained) => format!("lost {lost} and gained {gained}"),
        };
        let first = kind
            .first()
            .map(|drift| format!("{} {}", drift.endpoint, drift.object));
        format!("{} {lost_and_gained}", first.unwrap_or_default())
    };
    kinds.map(of_kind).collect::<Vec<_>>().join("; ")
}

/// What is in the archive, and what is not.
fn archive(archived: &Archived) -> String {
    let Archived { kept, error } = archived;
    let done = format!(
        "Archived: {} of {}, {:.1} MB.",
        counted(kept.rows, "row"),
        counted(kept.runs, "run"),
        kept.bytes as f64 / 1e6
    );
    match error {
        None => done,
        Some(error) => format!("{done} The next run catches up with the rest: {error}."),
    }
}

/// What is left of the day's budget, and why there is one.
fn budget(report: &RunReport) -> Option<String> {
    let (budget, left) = (report.daily_budget?, report.calls_left?);
    let why = report
        .development_mode
        .as_ref()
        .map_or(String::new(), |shown_by| {
            format!(" The app is in development mode: {shown_by}.")
        });
    Some(format!(
        "{left} of {budget} calls are left of the day's budget.{why}"
    ))
}

/// What it took. Repeats, refusals and waits are named where there were any.
fn effort(report: &RunReport) -> String {
    let calls = report.calls.total();
    let mut trouble = Vec::new();
    if calls.retries > 0 {
        trouble.push(format!("{} repeated", calls.retries));
    }
    if calls.rate_limited > 0 {
        trouble.push(format!("{} answered 429", calls.rate_limited));
    }
    if calls.waited_seconds >= 0.05 {
        trouble.push(format!("{:.1} s waited", calls.waited_seconds));
    }
    let trouble = if trouble.is_empty() {
        String::new()
    } else {
        format!(" ({})", trouble.join(", "))
    };
    let models = if report.tables_stand {
        "the tables stand as they were".to_owned()
    } else {
        let is_warned = |check: &&CheckReport| check.status == CheckStatus::Warned;
        let warned = report.checks.iter().filter(is_warned).count() as u64;
        let passed = report.checks.len() as u64 - warned;
        let warned = match warned {
            0 => String::new(),
            warned => format!(", {warned} warned"),
        };
        format!(
            "{} built, {} passed{warned}",
            counted(report.models.len() as u64, "model"),
            counted(passed, "check")
        )
    };
    let to_reccobeats = report.calls.0.get(reccobeats::ENDPOINT);
    let beside = to_reccobeats.map_or(String::new(), |calls| {
        format!(" and {} to ReccoBeats", calls.calls)
    });
    let calls = counted(calls.calls, "call");
    format!("{calls}{trouble}{beside}, {models}, {:.1} s.", report.seconds)
}

fn counted(number: u64, thing: &str) -> String {
    if number == 1 {
        format!("1 {thing}")
    } else {
        format!("{number} {thing}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_by_kind_of_object() {
        let drift = [
            ("/albums", "album", "label", Change::Vanished),
            ("/albums", "album", "popularity", Change::Vanished),
            ("/albums", "album", "mood", Change::Appeared),
            ("/albums", "track", "isrc", Change::Appeared),
            ("/tracks", "track", "popularity", Change::Vanished),
        ];
        let drift = drift.map(|(endpoint, object, field, change)| Drift {
            endpoint: endpoint.to_owned(),
            object: object.to_owned(),
            field: field.to_owned(),
            change,
        });
        assert_eq!(
            changes(&drift),
            "/albums album lost label, popularity and gained mood; /albums track gained isrc; \
             /tracks track lost popularity"
        );
    }
}
