//! Freshness: how old the newest row of a source is, held against what its .yml file says.

use chrono::{DateTime, TimeDelta, Utc};
use minijinja::context;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::TransformError;
use super::checks::CheckStatus;
use super::crew::{Crew, independent};
use super::project::Project;
use super::properties::Described;
use super::selection::Selected;
use super::sql::Statement;

/// How old a source may be, as `freshness:` and `loaded_at_field:` state it.
#[derive(Debug, Clone)]
pub(super) struct Freshness {
    /// An expression that tells when a row was loaded.
    pub(super) loaded_at: String,
    pub(super) limits: Limits,
}

/// What `freshness:` can say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Limits {
    warn_after: Option<Age>,
    error_after: Option<Age>,
    filter: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Age {
    count: u32,
    period: Period,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Period {
    Minute,
    Hour,
    Day,
}

/// How fresh a source is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FreshnessReport {
    /// Source and table, such as `raw.release_sightings`.
    pub source: String,
    /// What follows from it.
    pub status: CheckStatus,
    /// When its newest row was loaded; `None` when it has none, which is as old as can be.
    pub loaded_at: Option<DateTime<Utc>>,
    /// How long ago that was, by the database's clock.
    pub age_seconds: Option<i64>,
}

impl Limits {
    /// These limits where they say something, `lower` elsewhere.
    pub(super) fn over(self, lower: Limits) -> Limits {
        Limits {
            warn_after: self.warn_after.or(lower.warn_after),
            error_after: self.error_after.or(lower.error_after),
            filter: self.filter.or(lower.filter),
        }
    }

    fn judge(&self, age: Option<TimeDelta>) -> CheckStatus {
        let is_over =
            |limit: Option<Age>| limit.is_some_and(|limit| age.is_none_or(|age| age > limit.time()));
        match (is_over(self.error_after), is_over(self.warn_after)) {
            (true, _) => CheckStatus::Failed,
            (false, true) => CheckStatus::Warned,
            (false, false) => CheckStatus::Passed,
        }
    }
}

impl Age {
    fn time(self) -> TimeDelta {
        let count = i64::from(self.count);
        match self.period {
            Period::Minute => TimeDelta::minutes(count),
            Period::Hour => TimeDelta::hours(count),
            Period::Day => TimeDelta::days(count),
        }
    }
}

/// Looks at the selected sources that state how old they may be.
pub(super) async fn run(
    crew: &mut Crew,
    project: &Project,
    selected: &Selected<'_>,
) -> Result<Vec<FreshnessReport>, TransformError> {
    let stated = project.sources.iter().filter_map(|(key, described)| {
        let freshness = described.freshness.as_ref()?;
        let name = format!("{}.{}", key.0, key.1);
        selected
            .sources
            .contains(key)
            .then_some((name, described, freshness))
    });
    crew.work(
        independent(stated),
        async |connection, (source, described, freshness)| {
            look_at(connection, source, (described, freshness)).await
        },
    )
    .await
}

async fn look_at(
    connection: &mut PgConnection,
    source: String,
    (described, freshness): (&Described, &Freshness),
) -> Result<FreshnessReport, TransformError> {
    let context = context! {
        relation => described.relation.value(),
        loaded_at => freshness.loaded_at.clone(),
        filter => freshness.limits.filter.clone(),
    };
    let statement = Statement::render("freshness", context, (&described.file, ""))?;
    let (loaded_at, now): (Option<DateTime<Utc>>, DateTime<Utc>) = statement.fetch(connection).await?;
    let age = loaded_at.map(|loaded_at| now - loaded_at);
    Ok(FreshnessReport {
        source,
        status: freshness.limits.judge(age),
        loaded_at,
        age_seconds: age.map(|age| age.num_seconds()),
    })
}
