//! What a URL says after the `?`.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::http::Uri;
use chrono::NaiveDate;
use url::form_urlencoded;

use super::problem::Problem;
use crate::domain;

/// Names and values, decoded, in the URL's order.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// # Errors
    /// 400 for what is no text to Postgres.
    pub(super) fn of(uri: &Uri) -> Result<Self, Problem> {
        let query = uri.query().unwrap_or_default();
        let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if parameters
            .iter()
            .any(|(name, value)| [name, value].into_iter().any(|text| text.contains('\0')))
        {
            return Err(Problem::bad_request(
                "the query holds a NUL character (%00), which no text has",
            ));
        }
        Ok(Self(parameters))
    }

    /// The same, where each of `names` is given once at most.
    ///
    /// # Errors
    /// 400 for one that is given twice.
    pub(super) fn once(self, names: &[&str]) -> Result<Self, Problem> {
        for name in names {
            if self.0.iter().filter(|(given, _)| given == name).count() > 1 {
                return Err(Problem::bad_request(format!(
                    "{name} is given twice; give it once"
                )));
            }
        }
        Ok(self)
    }

    /// The same, where there are none but `names`, each given once at most.
    ///
    /// # Errors
    /// 400 for any other, and for one that is given twice.
    pub(super) fn only(self, names: &[&str]) -> Result<Self, Problem> {
        match self.0.iter().find(|(given, _)| !names.contains(&given.as_str())) {
            Some((other, _)) => Err(unknown(other, names)),
            None => self.once(names),
        }
    }

    /// All, in the URL's order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What a parameter says; none where it is not given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs()
            .find_map(|(given, value)| (given == name).then_some(value))
    }

    /// A parameter's meaning; none where it is not given.
    ///
    /// # Errors
    /// 400 where it means nothing.
    pub(super) fn parsed<T>(&self, name: &str) -> Result<Option<T>, Problem>
    where
        T: FromStr<Err: Display>,
    {
        let parsed = self.text(name).map(str::parse).transpose();
        parsed.map_err(|error| Problem::bad_request(format!("{name}: {error}")))
    }

    /// A number in a range; `default` where it is not given.
    ///
    /// # Errors
    /// 400 for anything else.
    pub(super) fn number(
        &self,
        name: &str,
        default: u32,
        range: RangeInclusive<u32>,
    ) -> Result<u32, Problem> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            let (least, most) = range.into_inner();
            Problem::bad_request(format!(
                "{name} is {text:?}; it is a number from {least} to {most}"
            ))
        })
    }

    /// A day as YYYY-MM-DD; none where it is not given.
    ///
    /// # Errors
    /// 400 for anything else.
    pub(super) fn day(&self, name: &str) -> Result<Option<NaiveDate>, Problem> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match domain::day(text) {
            Some(day) => Ok(Some(day)),
            None => Err(Problem::bad_request(format!("{name} is a day as YYYY-MM-DD"))),
        }
    }
}

fn unknown(name: &str, known: &[&str]) -> Problem {
    let known = match known {
        [] => "there are none".to_owned(),
        known => format!("there are {}", known.join(", ")),
    };
    Problem::bad_request(format!("there is no parameter {name:?} here; {known}"))
}
