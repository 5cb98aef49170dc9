//! The two forms of an answer, and how a client says which it wants.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde_json::value::RawValue;

use super::catalogue::{Column, Kind};
use super::page::Page;
use super::query::Pairs;
use crate::cell::inert;
use crate::explore::Publication;
use crate::serve::problem::Problem;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Csv,
}

#[derive(Serialize)]
struct Body<'page> {
    publication: &'page Publication,
    rows: &'page RawValue,
    next: Option<&'page str>,
}

impl Form {
    /// The parameter `format` decides, else the `Accept` header; JSON where anything will do.
    ///
    /// # Errors
    /// 400 for another format, 406 when the client accepts neither.
    pub(super) fn asked(pairs: &Pairs, headers: &HeaderMap) -> Result<Self, Problem> {
        match pairs.parameter("format") {
            Some("json") => return Ok(Self::Json),
            Some("csv") => return Ok(Self::Csv),
            Some(other) => {
                let detail = format!("format is {other:?}; it is json or csv");
                return Err(Problem::bad_request(detail));
            }
            None => {}
        }
        let accept = headers.get_all(header::ACCEPT).iter();
        let ranges: Vec<&str> = accept
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter(|range| !range.trim().is_empty())
            .collect();
        if ranges.is_empty() {
            return Ok(Self::Json);
        }
        accepted(&ranges).ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_ACCEPTABLE,
                "there are application/json and text/csv; Accept takes neither. format=json or format=csv decides too",
            )
        })
    }

    /// As the parameter `format` has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// The `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// Writes a page that was read in this form. `next` is the URL of the page after it.
    pub(super) fn write(self, page: &Page, columns: &[&Column], next: Option<&str>) -> anyhow::Result<Bytes> {
        match self {
            Self::Json => {
                let body = Body {
                    publication: &page.publication,
                    rows: serde_json::from_str(&page.rows)?,
                    next,
                };
                Ok(serde_json::to_vec(&body)?.into())
            }
            Self::Csv => csv(
                columns,
                &serde_json::from_str::<Vec<Vec<Option<String>>>>(&page.rows)?,
            ),
        }
    }
}

/// The form that the client likes best; of those that it likes as well, the one that it names first.
fn accepted(ranges: &[&str]) -> Option<Form> {
    let mut best: Option<(f32, Form)> = None;
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let form = match parts.next()?.to_ascii_lowercase().as_str() {
            "*/*" | "application/*" | "application/json" => Form::Json,
            "text/csv" | "text/*" => Form::Csv,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
        let weight: f32 = weight.unwrap_or(1.0);
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, form));
        }
    }
    best.map(|(_, form)| form)
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
