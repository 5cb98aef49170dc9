//! What a transform will do: how each selected model is built, and why.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::TransformError;
use super::config::Materialization;
use super::existing::Existing;
use super::project::{Model, Project, hexadecimal};

/// How a model is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// As a view.
    View,
    /// As a table, from the start.
    Full,
    /// From what has changed since it was built last.
    Incremental,
}

/// Why a model is built that way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Views and tables are built each time.
    EachTime,
    /// Its table is not there yet, or was not built by firstpress.
    New,
    /// `--full-refresh`.
    Asked,
    /// Its SQL or configuration is not the one of last time.
    Changed,
    /// A model that it reads has changed since.
    Follows(String),
    /// A table that it reads was built without it, and what came to that may be older than what it holds; or rows that
    /// it was built from have been purged.
    CutOff,
    /// It stands, and only rows that come to it are computed.
    Grows,
}

/// A model that is to be built.
#[derive(Debug)]
pub(super) struct Planned<'a> {
    pub(super) model: &'a Model,
    pub(super) how: How,
    pub(super) why: Why,
    /// SHA-256 of its SQL and configuration.
    pub(super) fingerprint: String,
    /// Its fingerprint together with the lineages of what it reads, as those stand when it is built.
    pub(super) lineage: String,
    /// What is published under its name.
    pub(super) standing: Option<Existing>,
    /// Rows that were published last; none of a view, or where nothing was.
    pub(super) rows: Option<i64>,
}

/// What is known of a model that was published.
#[derive(Debug, Default, sqlx::FromRow)]
struct Published {
    model: String,
    fingerprint: String,
    lineage: String,
    rows: Option<i64>,
}

/// Settles how the models, in build order, are built.
pub(super) async fn plan<'a>(
    connection: &mut PgConnection,
    (project, mut history): (&Project, History),
    models: &[&'a Model],
    full_refresh: bool,
) -> Result<Vec<Planned<'a>>, TransformError> {
    let relations: Vec<String> = models.iter().map(|model| model.relation.to_string()).collect();
    let mut standing = Existing::find_all(connection, &relations).await?;
    let mut planned = Vec::with_capacity(models.len());
    for model in models {
        let standing = standing.remove(&model.relation.to_string());
        let fingerprint = project.model_fingerprint(model)?;
        let lineage = match history.is_cut_off(project, model) {
            true => String::new(),
            false => history.lineage(project, (model, &fingerprint)),
        };
        let (how, why) = match model.config.materialization() {
            Materialization::View => (How::View, Why::EachTime),
            Materialization::Table | Materialization::Seed | Materialization::Ephemeral => {
                (How::Full, Why::EachTime)
            }
            Materialization::Incremental if !standing.as_ref().is_some_and(Existing::is_table) => {
                (How::Full, Why::New)
            }
            Materialization::Incremental => {
                match history.why_in_full(project, model, (&fingerprint, &lineage)) {
                    _ if model.config.full_refresh == Some(false) => (How::Incremental, Why::Grows),
                    Some(Why::New) => (How::Full, Why::New),
                    _ if full_refresh || model.config.full_refresh == Some(true) => (How::Full, Why::Asked),
                    Some(why) => (How::Full, why),
                    None => (How::Incremental, Why::Grows),
                }
            }
        };
        let last = history.published.get(&model.name);
        planned.push(Planned {
            model,
            how,
            why,
            rows: last.and_then(|last| last.rows),
            fingerprint,
            lineage: lineage.clone(),
            standing,
        });
        history.built.insert(model.name.clone(), lineage);
    }
    Ok(planned)
}

/// What is known of the models from their last publications, and of those that are built before the one at hand.
pub(super) struct History {
    published: BTreeMap<String, Published>,
    /// Fingerprint of the project that was published as a whole.
    project: Option<String>,
    /// Lineages of what is built.
    built: BTreeMap<String, String>,
}

impl History {
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let published: Vec<Published> = sqlx::query_as(include_str!("sql/published_models.sql"))
            .fetch_all(&mut *connection)
            .await?;
        let project: Option<Option<String>> = sqlx::query_scalar(include_str!("sql/published_project.sql"))
            .fetch_optional(connection)
            .await?;
        let by_name = published.into_iter().map(|model| (model.model.clone(), model));
        Ok(Self {
            published: by_name.collect(),
            project: project.flatten(),
            built: BTreeMap::new(),
        })
    }

    /// Whether what stands is all of this project, with what it was given.
    pub(super) fn stands(&self, project: &Project) -> bool {
        self.project.as_deref() == Some(project.fingerprint())
    }

    /// Whether a table that the model reads, if only through views, is not built with it.
    fn is_cut_off(&self, project: &Project, model: &Model) -> bool {
        let mut parents = project.parents(model).into_iter();
        parents.any(|parent| match self.built.get(parent) {
            Some(lineage) => lineage.is_empty(),
            None => project.model(parent).is_some_and(|parent| {
                parent.config.materialization() != Materialization::View || self.is_cut_off(project, parent)
            }),
        })
    }

    /// By model name, the fingerprints of what stands.
    pub(super) fn fingerprints(&self) -> BTreeMap<String, String> {
        let published = self.published.iter();
        published
            .map(|(model, known)| (model.clone(), known.fingerprint.clone()))
            .collect()
    }

    /// The model's fingerprint and the lineages of what it reads, those of what is not built as they were published.
    fn lineage(&self, project: &Project, (model, fingerprint): (&Model, &str)) -> String {
        let mut digest = Sha256::new_with_prefix(fingerprint);
        for parent in project.parents(model) {
            let published = || self.published.get(parent).map(|known| &known.lineage);
            let lineage = self.built.get(parent).or_else(published);
            digest.update(format!(" {parent}={}", lineage.map_or("", String::as_str)));
        }
        hexadecimal(&digest.finalize())
    }

    /// Why what stands of an incremental model is of no use; `None` when it is.
    fn why_in_full(
        &self,
        project: &Project,
        model: &Model,
        (fingerprint, lineage): (&str, &str),
    ) -> Option<Why> {
        let Some(last) = self.published.get(&model.name) else {
            return Some(Why::New);
        };
        if last.fingerprint != fingerprint {
            return Some(Why::Changed);
        }
        if last.lineage.is_empty() {
            return Some(Why::CutOff);
        }
        let is_news = |parent: &&str| {
            let before = self.published.get(*parent).map(|known| &known.lineage);
            self.built.get(*parent).is_some_and(|built| Some(built) != before)
        };
        let follows = || {
            // a parent that was built by itself since is told apart no more from its siblings
            let parents = project.parents(model);
            let parent = parents.iter().copied().find(is_news);
            parent
                .or_else(|| parents.first().copied())
                .unwrap_or_default()
                .to_owned()
        };
        (last.lineage != lineage).then(|| Why::Follows(follows()))
    }
}

impl fmt::Display for How {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::View => "view",
            Self::Full => "full",
            Self::Incremental => "incremental",
        })
    }
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EachTime => formatter.write_str("built each time"),
            Self::New => formatter.write_str("new"),
            Self::Asked => formatter.write_str("--full-refresh"),
            Self::Changed => formatter.write_str("its SQL or configuration has changed"),
            Self::CutOff => formatter.write_str("what it was built from has changed without it"),
            Self::Follows(parent) => write!(formatter, "it reads {parent}, which has changed"),
            Self::Grows => formatter.write_str("only what has changed since the last time"),
        }
    }
}

impl Serialize for Why {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
