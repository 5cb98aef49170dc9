//! The status as a person reads it on a terminal.

use std::fmt;

use chrono::{DateTime, Utc};
use comfy_table::{ContentArrangement, Table};

use super::{App, Overdue, Quota, State, Status};
use crate::table::table;

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.lines() {
            writeln!(formatter, "{name:<16} {value}")?;
        }
        let overdue = self.overdue.as_deref().unwrap_or_default();
        let sections = [
            (
                "What the app may call",
                self.capabilities.len(),
                self.capabilities_table(),
            ),
            ("In quarantine", self.quarantine.len(), self.quarantine_table()),
            (
                "Changes in Spotify's answers that the latest run noticed",
                self.drift.len(),
                self.drift_table(),
            ),
            (
                "Kept beyond its retention: firstpress purge takes it away",
                overdue.len(),
                overdue_table(overdue),
            ),
            ("Latest runs", self.runs.len(), self.runs_table()),
        ];
        for (title, rows, mut table) in sections {
            if rows > 0 {
                table.set_content_arrangement(ContentArrangement::Dynamic);
                write!(formatter, "\n{title}\n{table}\n")?;
            }
        }
        if self.runs.is_empty() {
            writeln!(formatter, "\nno runs yet")?;
        }
        Ok(())
    }
}

impl Status {
    fn lines(&self) -> Vec<(&'static str, String)> {
        let state = &self.state;
        let mut lines = vec![
            ("data of", time(state.last_data_at)),
            ("last success", time(state.last_success_at)),
            ("newest album", time(state.last_album_at)),
            (
                "albums",
                format!("{} known, {} waiting", state.known_albums, state.waiting_albums),
            ),
            ("audio features", features(state)),
            ("ISRCs", format!("{} waiting", state.isrcs_waiting)),
            ("quarantine", format!("{} items", state.quarantined)),
            ("calls in 24 h", calls(&self.quota)),
        ];
        if state.not_before.is_some() {
            lines.push(("no call before", time(state.not_before)));
        }
        if let Some(app) = &self.app {
            lines.push(("app", mode(app)));
            lines.extend(app.calls_per_second.map(|pace| {
                let pace = format!("{pace:.2} calls a second, after 429s");
                ("pace", pace)
            }));
        }
        lines
    }

    fn capabilities_table(&self) -> Table {
        let mut table = table(&["endpoint", "answers", "asked", "reason"], &[]);
        for capability in &self.capabilities {
            let asked = if capability.is_inferred {
                "not itself".to_owned()
            } else {
                time(Some(capability.asked_at))
            };
            table.add_row([
                capability.endpoint.clone(),
                if capability.usable { "yes" } else { "no" }.to_owned(),
                asked,
                capability.reason.clone().unwrap_or_default(),
            ]);
        }
        table
    }

    fn quarantine_table(&self) -> Table {
        let mut table = table(&["items", "what", "next try", "reason"], &[0]);
        for group in &self.quarantine {
            table.add_row([
                group.items.to_string(),
                group.item_type.clone(),
                time(group.next_try_at),
                group.reason.clone(),
            ]);
        }
        table
    }

    fn drift_table(&self) -> Table {
        let mut table = table(&["endpoint", "object", "field", "change"], &[]);
        for field in &self.drift {
            table.add_row([&field.endpoint, &field.object, &field.field, &field.change]);
        }
        table
    }

    fn runs_table(&self) -> Table {
        let titles = ["started", "status", "seconds", "albums", "calls", "error"];
        let mut table = table(&titles, &[2, 3, 4]);
        for run in &self.runs {
            let seconds = run.seconds.map(|seconds| format!("{seconds:.1}"));
            table.add_row([
                time(Some(run.started_at)),
                run.status.clone(),
                seconds.unwrap_or_default(),
                run.albums.to_string(),
                run.calls.to_string(),
                run.error.clone().unwrap_or_default(),
            ]);
        }
        table
    }
}

fn overdue_table(overdue: &[Overdue]) -> Table {
    let mut table = table(&["retention", "days", "rows"], &[1, 2]);
    for overdue in overdue {
        table.add_row([
            overdue.retention.clone(),
            overdue.days.to_string(),
            overdue.rows.to_string(),
        ]);
    }
    table
}

fn features(state: &State) -> String {
    format!(
        "{} awaited, {} of them due",
        state.features_awaited, state.features_due
    )
}

fn calls(quota: &Quota) -> String {
    let made = quota.calls_24h;
    let Some((budget, left)) = quota.daily_budget.zip(quota.calls_left) else {
        return format!("{made}, without a budget");
    };
    let frees = quota
        .frees_at
        .map(|frees_at| format!("; the first come free at {}", time(Some(frees_at))));
    format!("{made} of {budget}, {left} left{}", frees.unwrap_or_default())
}

fn mode(app: &App) -> String {
    match &app.reason {
        Some(reason) => format!("in development mode: {reason}"),
        None if app.is_development_mode => "in development mode".to_owned(),
        None => "not in development mode, as far as is known".to_owned(),
    }
}

fn time(time: Option<DateTime<Utc>>) -> String {
    time.map_or("never".to_owned(), |time| {
        time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
    })
}
