//! What a question's URL says after the `?`.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::http::Uri;
use chrono::NaiveDate;
use url::form_urlencoded;

use crate::domain;
use crate::serve::problem::Problem;

/// The parameters of a question, each given once at most.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// # Errors
    /// 400 for a parameter that is not `allowed`, that is given twice, or that holds what is no text.
    pub(super) fn of(uri: &Uri, allowed: &[&str]) -> Result<Self, Problem> {
        let query = uri.query().unwrap_or_default();
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            if !allowed.contains(&name.as_str()) {
                return Err(unknown(&name, allowed));
            }
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Problem::bad_request(format!("{name} is given twice")));
            }
            if value.contains(char::is_control) {
                let detail = format!("{name} holds a character that is no text");
                return Err(Problem::bad_request(detail));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// What a parameter says; none where it is not given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let given = self.0.iter().find(|(given, _)| given == name);
        given.map(|(_, value)| value.as_str())
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
            Problem::bad_request(format!("{name} is a number from {least} to {most}"))
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

fn unknown(name: &str, allowed: &[&str]) -> Problem {
    let known = match allowed {
        [] => "there are none".to_owned(),
        allowed => format!("there are {}", allowed.join(", ")),
    };
    Problem::bad_request(format!("there is no parameter {name:?} here; {known}"))
}
