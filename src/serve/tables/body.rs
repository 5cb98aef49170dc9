//! A page as the body of an answer.

use axum::body::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::catalogue::{Column, Kind};
use super::page::Page;
use crate::cell::inert;
use crate::explore::Publication;
use crate::serve::form::Form;

#[derive(Serialize)]
struct Body<'page> {
    publication: &'page Publication,
    rows: &'page RawValue,
    next: Option<&'page str>,
}

impl Page {
    /// Writes it in the form that it was read in. `next` is the URL of the page after it.
    pub(super) fn body(&self, form: Form, columns: &[&Column], next: Option<&str>) -> anyhow::Result<Bytes> {
        match form {
            Form::Json => {
                let body = Body {
                    publication: &self.publication,
                    rows: serde_json::from_str(&self.rows)?,
                    next,
                };
                Ok(serde_json::to_vec(&body)?.into())
            }
            Form::Csv => csv(
                columns,
                &serde_json::from_str::<Vec<Vec<Option<String>>>>(&self.rows)?,
            ),
        }
    }
}

/// A null is an empty cell, as an empty text is.
fn csv(columns: &[&Column], rows: &[Vec<Option<String>>]) -> anyhow::Result<Bytes> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| inert(&column.name)))?;
    for row in rows {
        let cells = row.iter().zip(columns).map(|(cell, column)| {
            let cell = cell.as_deref().unwrap_or_default();
            match column.kind {
                Kind::Text | Kind::Other => inert(cell),
                _ => cell.to_owned(),
            }
        });
        writer.write_record(cells)?;
    }
    Ok(writer.into_inner()?.into())
}
