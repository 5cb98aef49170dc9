//! The schema: whether the tables in the database are those of this firstpress.

use sqlx::postgres::PgPool;

use super::Finding;
use crate::postgres::{MIGRATIONS, newest};

const SUBJECT: &str = "schema";
/// `undefined_table`, by Postgres's appendix A.
const NO_TABLE: &str = "42P01";

/// A migration that was applied: its number and the SHA-384 of its text.
type Applied = (i64, Vec<u8>);

/// Compares what was applied with what this firstpress would apply.
pub(super) async fn examine(db: &PgPool) -> sqlx::Result<Finding> {
    let applied = sqlx::query_as(include_str!("sql/applied.sql"))
        .fetch_all(db)
        .await;
    match applied {
        Ok(applied) => Ok(compare(&applied)),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(NO_TABLE) => Ok(compare(&[])),
        Err(error) => Err(error),
    }
}

fn compare(applied: &[Applied]) -> Finding {
    let newest = newest();
    let known = |version: i64| MIGRATIONS.iter().find(|migration| migration.version == version);
    let strange = applied
        .iter()
        .find(|(version, checksum)| known(*version).is_none_or(|known| *known.checksum != **checksum));
    match (strange, applied.last()) {
        (Some((version, _)), _) if *version > newest => Finding::fault(
            SUBJECT,
            format!("a newer firstpress made it: it is at {version}, and this one knows {newest}"),
            "update firstpress, or use another database",
        ),
        (Some((version, _)), _) => Finding::fault(
            SUBJECT,
            format!("another firstpress made it: its migration {version} is not the one that is known here"),
            "use the version of firstpress that made it, or another database",
        ),
        (None, Some((version, _))) if *version == newest => {
            Finding::ok(SUBJECT, format!("up to date, at {version}"))
        }
        (None, Some((version, _))) => Finding::warning(
            SUBJECT,
            format!("an older firstpress made it: it is at {version} of {newest}"),
            "nothing: the next `firstpress run` brings it up to date, as `firstpress migrate` does",
        ),
        (None, None) => Finding::warning(
            SUBJECT,
            "there are no tables of firstpress yet",
            "run `firstpress migrate` or `firstpress run`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn only_a_schema_of_another_version_is_a_fault() {
        let all: Vec<Applied> = MIGRATIONS
            .iter()
            .map(|migration| (migration.version, migration.checksum.to_vec()))
            .collect();
        let with = |more: Applied| [&all[..], &[more]].concat();
        let mut changed = all.clone();
        changed[0].1[0] ^= 1;
        for (applied, verdict, words) in [
            (&[][..], Verdict::Warning, "no tables"),
            (&all[..], Verdict::Ok, "up to date"),
            (&all[..1], Verdict::Warning, "older"),
            (&with((9999, vec![1])), Verdict::Fault, "a newer firstpress"),
            (&changed, Verdict::Fault, "another firstpress"),
        ] {
            let finding = compare(applied);
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.detail.contains(words), "{finding:?}");
        }
    }
}
