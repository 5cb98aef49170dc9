//! What a purge did, as a person reads it on a terminal.

use std::fmt;

use super::Purged;
use crate::table::table;

impl fmt::Display for Purged {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = table(&["retention", "table", "older than", "rows"], &[3]);
        for row in &self.rows {
            lines.add_row([
                row.retention.clone(),
                row.relation.clone(),
                row.before.format("%Y-%m-%d %H:%M UTC").to_string(),
                row.rows.to_string(),
            ]);
        }
        writeln!(formatter, "{lines}")?;
        match self.purge_id {
            Some(_) => write!(formatter, "{} models published.", self.models_published),
            None => write!(formatter, "A dry run: nothing was changed."),
        }
    }
}
