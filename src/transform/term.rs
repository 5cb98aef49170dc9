//! One term of a selection.

use super::TransformError;
use super::graph::Steps;

/// One term: `METHOD:VALUE` with graph operators around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Term<'a> {
    /// `@`: with all that depends on it and all that those need.
    pub(super) childrens_parents: bool,
    pub(super) parents: Option<Steps>,
    pub(super) children: Option<Steps>,
    method: Option<&'a str>,
    pub(super) value: &'a str,
}

impl<'a> Term<'a> {
    /// Takes the term apart, without asking what it means.
    pub(super) fn read(written: &'a str) -> Result<Term<'a>, TransformError> {
        let (childrens_parents, rest) = match written.strip_prefix('@') {
            Some(rest) => (true, rest),
            None => (false, written),
        };
        let (parents, rest) = match rest.split_once('+') {
            Some((steps, behind)) if is_number_or_empty(steps) => {
                (Some(Steps::read(steps, written)?), behind)
            }
            _ => (None, rest),
        };
        let (rest, children) = match rest.rsplit_once('+') {
            Some((before, steps)) if is_number_or_empty(steps) => {
                (before, Some(Steps::read(steps, written)?))
            }
            _ => (rest, None),
        };
        if childrens_parents && children.is_some() {
            return Err(unknown(written, "@ in front and + behind exclude each other"));
        }
        let is_method = |method: &str| method.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
        let (method, value) = match rest.split_once(':') {
            Some((method, value)) if is_method(method) => (Some(method), value),
            _ => (None, rest),
        };
        if value.is_empty() {
            return Err(unknown(written, "it names nothing"));
        }
        Ok(Term {
            childrens_parents,
            parents,
            children,
            method,
            value,
        })
    }
}

impl Steps {
    fn read(written: &str, term: &str) -> Result<Steps, TransformError> {
        match written {
            "" => Ok(Steps::All),
            number => number
                .parse()
                .map(Steps::AtMost)
                .map_err(|_| unknown(term, "the number at + is too large")),
        }
    }
}

impl Term<'_> {
    /// The method that is written, or the one that the value suggests.
    pub(super) fn method(&self) -> &str {
        self.method.unwrap_or_else(|| default_method(self.value))
    }
}

fn is_number_or_empty(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

/// What a value without a method is.
fn default_method(value: &str) -> &'static str {
    let is_file = || {
        [".sql", ".csv"]
            .iter()
            .any(|end| value.to_lowercase().ends_with(end))
    };
    if value.contains('/') {
        "path"
    } else if is_file() {
        "file"
    } else {
        "fqn"
    }
}

/// The error about a term that means nothing.
pub(super) fn unknown(term: &str, reason: &str) -> TransformError {
    TransformError::UnknownSelection(format!("`{term}`: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_taken_apart() {
        let plain = Term {
            childrens_parents: false,
            parents: None,
            children: None,
            method: None,
            value: "x",
        };
        assert_eq!(Term::read("x").unwrap(), plain);
        let all = Term {
            parents: Some(Steps::AtMost(2)),
            children: Some(Steps::All),
            method: Some("config.materialized"),
            ..plain
        };
        assert_eq!(Term::read("2+config.materialized:x+").unwrap(), all);
        for wrong in ["@x+", "", "+", "tag:", "99999999999999999999999+x"] {
            assert!(Term::read(wrong).is_err(), "{wrong}");
        }
    }
}
