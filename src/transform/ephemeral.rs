//! Models that are never built: their SQL stands in front of the SQL that refers to them, as in dbt.

/// A common table expression's name in dbt.
pub(super) fn cte_name(model: &str) -> String {
    format!("__dbt__cte__{model}")
}

/// `sql` with the named common table expressions in front of its own ones, if it has any.
pub(super) fn put_in_front(ctes: &[(String, String)], sql: &str) -> String {
    if ctes.is_empty() {
        return sql.to_owned();
    }
    let ctes: Vec<String> = ctes
        .iter()
        .map(|(name, sql)| format!(" {name} as (\n{sql}\n)"))
        .collect();
    let ctes = ctes.join(", ");
    match sql.split_at_checked(after_with(sql).unwrap_or_default()) {
        Some((with, own)) if !with.is_empty() => format!("{with}{ctes}, {own}"),
        _ => format!("with{ctes} {sql}"),
    }
}

/// The place behind the `with` or `with recursive` that the statement begins with.
fn after_with(sql: &str) -> Option<usize> {
    let with = after_word(sql, "with")?;
    let rest = sql.get(with..)?;
    Some(with + after_word(rest, "recursive").unwrap_or_default())
}

/// The place behind `word`, if that is the first word after spaces and comments.
fn after_word(sql: &str, word: &str) -> Option<usize> {
    let mut rest = sql;
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n')?.1;
        } else if rest.starts_with("/*") {
            rest = rest.get(after_comment(rest)?..)?;
        } else {
            break;
        }
    }
    let (found, behind) = rest.split_at_checked(word.len())?;
    let ends = !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (found.eq_ignore_ascii_case(word) && ends).then(|| sql.len() - behind.len())
}

/// The place behind a block comment, which in Postgres may hold others.
fn after_comment(sql: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut place = 0;
    loop {
        let rest = sql.get(place..)?;
        if rest.starts_with("/*") {
            (depth, place) = (depth + 1, place + 2);
        } else if rest.starts_with("*/") {
            (depth, place) = (depth.checked_sub(1)?, place + 2);
        } else {
            place += rest.chars().next()?.len_utf8();
        }
        if depth == 0 {
            return Some(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_stand_before_the_statements_own() {
        let ctes = [("a".to_owned(), "select 1".to_owned())];
        for (sql, expected) in [
            ("select 2", "with a as (\nselect 1\n) select 2"),
            (
                "with b as (select 2) select 3",
                "with a as (\nselect 1\n),  b as (select 2) select 3",
            ),
            (
                "-- with c\n/* /* */ with */ WITH\nrecursive b as (select 2) select 3",
                "-- with c\n/* /* */ with */ WITH\nrecursive a as (\nselect 1\n),  b as (select 2) select 3",
            ),
            ("within", "with a as (\nselect 1\n) within"),
        ] {
            assert_eq!(put_in_front(&ctes, sql), expected);
        }
        assert_eq!(put_in_front(&[], "select 2"), "select 2");
    }
}
