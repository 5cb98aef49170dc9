//! The tags of a template's text, for dbt's blocks that MiniJinja does not know.

use super::TransformError;
use super::files::SourceFile;

/// A tag `{% word rest %}` outside of comments, expressions and raw text.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// Where its `{` stands.
    pub(super) start: usize,
    /// Where the text behind it begins.
    pub(super) end: usize,
    pub(super) word: &'a str,
    /// What follows the word, trimmed.
    pub(super) rest: &'a str,
}

/// Every tag of the text, in order.
pub(super) fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut found: Vec<Tag<'_>> = Vec::new();
    let mut place = 0;
    while let Some((start, kind)) = next_opening(text, place) {
        let Some(end) = closing(text, start, kind) else {
            place = start + 2;
            continue;
        };
        place = end;
        let raw = found.last().is_some_and(|tag| tag.word == "raw");
        if let (Some(inner), "{%") = (text.get(start + 2..end - 2), kind) {
            let inner = inner.trim_matches(['-', '+']).trim();
            let word = inner.split(|c: char| !c.is_alphanumeric() && c != '_').next();
            let word = word.unwrap_or_default();
            if !raw || word == "endraw" {
                let rest = inner.get(word.len()..).unwrap_or_default().trim();
                found.push(Tag {
                    start,
                    end,
                    word,
                    rest,
                });
            }
        }
    }
    found
}

/// The file's text with each `{% test NAME(…) %}` as a macro `test_NAME`. Lines stay where they are.
pub(super) fn with_tests_as_macros(file: &SourceFile) -> Result<String, TransformError> {
    let text = &file.text;
    let mut written = String::with_capacity(text.len());
    let mut place = 0;
    for tag in tags(text) {
        let (old, new) = match tag.word {
            "test" => (["test", " "].concat(), "macro test_"),
            "endtest" => ("endtest".to_owned(), "endmacro"),
            "snapshot" | "materialization" | "docs" => {
                return Err(TransformError::Template {
                    file: file.path.clone(),
                    line: 1 + text.get(..tag.start).unwrap_or_default().matches('\n').count(),
                    detail: format!("a `{}` block is not supported here", tag.word),
                });
            }
            _ => continue,
        };
        let before = text.get(place..tag.start).unwrap_or_default();
        let tag_text = text.get(tag.start..tag.end).unwrap_or_default();
        written.push_str(before);
        written.push_str(&tag_text.replacen(&old, new, 1));
        place = tag.end;
    }
    written.push_str(text.get(place..).unwrap_or_default());
    Ok(written)
}

/// The next `{%`, `{{` or `{#` from `place` on.
fn next_opening(text: &str, place: usize) -> Option<(usize, &str)> {
    let rest = text.get(place..)?;
    let at = rest
        .match_indices('{')
        .find(|(at, _)| {
            rest.get(at + 1..)
                .is_some_and(|rest| rest.starts_with(['%', '{', '#']))
        })?
        .0;
    let start = place + at;
    Some((start, text.get(start..start + 2)?))
}

/// Where the text behind the tag at `start` begins; a closing sign in quotes is none.
fn closing(text: &str, start: usize, kind: &str) -> Option<usize> {
    let sign = match kind {
        "{%" => "%}",
        "{{" => "}}",
        _ => "#}",
    };
    let mut quote = None;
    for (at, c) in text.get(start + 2..)?.char_indices() {
        let place = start + 2 + at;
        match (quote, c) {
            (None, _) if text.get(place..).is_some_and(|rest| rest.starts_with(sign)) => {
                return Some(place + 2);
            }
            (None, '\'' | '"') if sign != "#}" => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_in_comments_quotes_and_raw_text_are_none() {
        let text = "{# {% a %} #}{{ '{% b %}' }}{% raw %}{% c %}{% endraw %}{%- d '%}' -%}{% e(1) %}";
        let found: Vec<(&str, &str)> = tags(text).iter().map(|tag| (tag.word, tag.rest)).collect();
        assert_eq!(found, [("raw", ""), ("endraw", ""), ("d", "'%}'"), ("e", "(1)")]);
    }

    #[test]
    fn a_test_becomes_a_macro_on_the_same_line() {
        let file = SourceFile {
            path: "tests/generic/t.sql".to_owned(),
            text: "\n{%- test even(model) -%}\nselect 1\n{% endtest %}".to_owned(),
        };
        assert_eq!(
            with_tests_as_macros(&file).unwrap(),
            "\n{%- macro test_even(model) -%}\nselect 1\n{% endmacro %}"
        );
    }
}
