//! Patterns with `*`, `?` and `[…]`, as in Python's fnmatch, and what dbt holds them against: names and paths.

/// Whether the whole text fits the pattern.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    fits(&pattern, &text)
}

fn fits(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => {
            (0..=text.len()).any(|skipped| fits(rest, text.get(skipped..).unwrap_or_default()))
        }
        (['?', rest @ ..], [_, behind @ ..]) => fits(rest, behind),
        (['[', rest @ ..], [c, behind @ ..]) => match set(rest) {
            Some((set, rest)) => is_in(set, *c) && fits(rest, behind),
            None => *c == '[' && fits(rest, behind),
        },
        ([own, rest @ ..], [c, behind @ ..]) => own == c && fits(rest, behind),
        _ => false,
    }
}

/// What stands in the brackets, and what follows them. A `]` that comes first is part of the set.
fn set(pattern: &[char]) -> Option<(&[char], &[char])> {
    let first = usize::from(pattern.first() == Some(&'!')) + 1;
    let end = pattern.iter().skip(first).position(|c| *c == ']')? + first;
    let (set, rest) = pattern.split_at_checked(end)?;
    Some((set, rest.get(1..)?))
}

fn is_in(set: &[char], c: char) -> bool {
    match set {
        ['!', set @ ..] => !is_in(set, c),
        [from, '-', to, rest @ ..] => (*from..=*to).contains(&c) || is_in(rest, c),
        [own, rest @ ..] => *own == c || is_in(rest, c),
        [] => false,
    }
}

/// dbt's rule: the whole name, or the beginning of project, folders and name, with or without the project.
pub(super) fn is_named(fqn: &[String], value: &str) -> bool {
    let without_project = fqn.get(1..).unwrap_or_default();
    begins(fqn, value) || begins(without_project, value)
}

fn begins(fqn: &[String], value: &str) -> bool {
    let Some(name) = fqn.last() else {
        return false;
    };
    if name == value {
        return true;
    }
    let parts: Vec<&str> = fqn.iter().flat_map(|part| part.split('.')).collect();
    let wanted: Vec<&str> = value.split('.').collect();
    if parts.len() < wanted.len() {
        return false;
    }
    let is_pattern = |part: &&str| part.contains(['*', '?', '[', ']']);
    let plain = wanted.iter().take_while(|part| !is_pattern(part)).count();
    if !parts
        .iter()
        .zip(&wanted)
        .take(plain)
        .all(|(own, wanted)| own == wanted)
    {
        return false;
    }
    let (own, pattern) = (parts.get(plain..), wanted.get(plain..));
    match (own.unwrap_or_default(), pattern.unwrap_or_default()) {
        (_, []) => true,
        (own, pattern) => {
            matches(&pattern.join("."), &own.join(".")) || (wanted.len() == 1 && matches(value, name))
        }
    }
}

/// A file, or a folder above it; `*` stays within one part of the path, `**` does not.
pub(super) fn is_on_path(file: &str, pattern: &str) -> bool {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    let parts: Vec<&str> = file.split('/').collect();
    let wanted: Vec<&str> = pattern.split('/').collect();
    (1..=parts.len()).any(|depth| on_path(parts.get(..depth).unwrap_or_default(), &wanted))
}

fn on_path(parts: &[&str], wanted: &[&str]) -> bool {
    match (parts, wanted) {
        ([], []) => true,
        (_, ["**", rest @ ..]) => {
            on_path(parts, rest)
                || parts
                    .split_first()
                    .is_some_and(|(_, parts)| on_path(parts, wanted))
        }
        ([part, parts @ ..], [pattern, rest @ ..]) => matches(pattern, part) && on_path(parts, rest),
        _ => false,
    }
}

/// By the file's name, with or without its extension.
pub(super) fn is_file(path: &str, pattern: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    matches(pattern, name) || matches(pattern, stem)
}

#[cfg(test)]
mod tests {
    use super::{is_on_path, matches};

    #[test]
    fn patterns_fit_as_in_fnmatch() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[a", "[a", true),
            ("*_[0-9]", "m_7", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn paths_match_folders_and_files() {
        for (pattern, file, expected) in [
            ("models/a", "models/a/b/m.sql", true),
            ("models/a/", "models/ab/m.sql", false),
            ("models/*/m.sql", "models/a/m.sql", true),
            ("models/*/m.sql", "models/a/b/m.sql", false),
            ("models/**/m.sql", "models/a/b/m.sql", true),
            ("models/a/b/m.sql", "models/a/b/m.sql", true),
            ("a", "models/a/m.sql", false),
        ] {
            assert_eq!(is_on_path(file, pattern), expected, "{pattern} {file}");
        }
    }
}
