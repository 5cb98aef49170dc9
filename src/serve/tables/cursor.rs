//! Where a page ended, as a text that the client hands back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::catalogue::Table;
use super::query::Term;
use crate::explore::Publication;
use crate::serve::problem::Problem;

/// The place after a page's last row, among the rows of one publication.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The publication that the page is of.
    pub(super) published_at: DateTime<Utc>,
    relation: String,
    /// The order, as `sort` has it.
    order: Vec<String>,
    /// For each term of the order the last row's value as Postgres writes it.
    pub(super) reached: Vec<Option<String>>,
    /// How many rows with these values were given: in an order of no terms, all.
    pub(super) given: i64,
}

impl Cursor {
    /// The place after the row `reached` in the order.
    pub(super) fn new(
        publication: &Publication,
        (table, order): (&Table, &[Term<'_>]),
        (reached, given): (Vec<Option<String>>, i64),
    ) -> Self {
        Self {
            published_at: publication.published_at,
            relation: table.relation.clone(),
            order: order.iter().map(Term::in_url).collect(),
            reached,
            given,
        }
    }

    /// Reads what [`Self::text`] wrote for the same table and order.
    ///
    /// # Errors
    /// 400 for any other text.
    pub(super) fn read(text: &str, table: &Table, order: &[Term<'_>]) -> Result<Self, Problem> {
        let cursor: Option<Self> = URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok());
        let fits = |cursor: &Self| {
            cursor.relation == table.relation
                && cursor
                    .order
                    .iter()
                    .eq(order.iter().map(Term::in_url).collect::<Vec<_>>().iter())
                && cursor.reached.len() == order.len()
                && cursor.given >= 0
                && !cursor.reached.iter().flatten().any(|value| value.contains('\0'))
        };
        cursor.filter(fits).ok_or_else(|| {
            Problem::bad_request(
                "after is no cursor of this table in this order; take it from the page before, and change nothing else",
            )
        })
    }

    /// Text that fits into a URL.
    pub(super) fn text(&self) -> String {
        // a struct of texts and numbers cannot fail to be JSON
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Term<'_> {
    fn in_url(&self) -> String {
        let minus = if self.is_descending { "-" } else { "" };
        format!("{minus}{}", self.column.name)
    }
}
