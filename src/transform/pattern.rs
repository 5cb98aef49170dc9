//! Patterns with `*`, `?` and `[…]`, as in Python's fnmatch, which dbt uses.

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

#[cfg(test)]
mod tests {
    use super::matches;

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
}
