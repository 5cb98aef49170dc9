//! The two forms of an answer, and how a client says which it wants.

use axum::http::{HeaderMap, StatusCode, header};

use super::parameters::Parameters;
use super::problem::Problem;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Json,
    Csv,
}

impl Form {
    /// What the parameter `format` says; none where it is not given.
    ///
    /// # Errors
    /// 400 for another format.
    pub(super) fn named(parameters: &Parameters) -> Result<Option<Self>, Problem> {
        match parameters.text("format") {
            Some("json") => Ok(Some(Self::Json)),
            Some("csv") => Ok(Some(Self::Csv)),
            Some(other) => Err(Problem::bad_request(format!(
                "format is {other:?}; it is json or csv"
            ))),
            None => Ok(None),
        }
    }

    /// The parameter `format` decides, else the `Accept` header; JSON where anything will do.
    ///
    /// # Errors
    /// 400 for another format, 406 when the client accepts neither.
    pub(super) fn asked(parameters: &Parameters, headers: &HeaderMap) -> Result<Self, Problem> {
        if let Some(named) = Self::named(parameters)? {
            return Ok(named);
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
