//! The run: the stages in order.

mod archive;
mod claim;
mod drift;
mod error;
mod figures;
mod progress;
mod report;
mod step;
mod stop;

use std::sync::Arc;

use indicatif::ProgressBar;
use serde::Serialize;
use sqlx::postgres::PgPool;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use archive::Archived;
pub use claim::{admit, lock};
pub use error::RunError;
pub use figures::{Amount, Figure};
pub use report::RunReport;

use progress::Progress;

use crate::config::{ArchivePlace, AudioFeaturesFrom};
use crate::extract::{self, Discovered, Due, Extracted, Refreshed, Source};
use crate::http::{Calls, CallsByEndpoint};
use crate::load::{self, Loaded};
use crate::postgres::albums::PendingAlbum;
use crate::postgres::runs::Step;
use crate::postgres::{albums, runs};
use crate::reccobeats;
use crate::spotify::Client;
use crate::transform::{self, Project, TransformError, TransformReport};

/// Complete albums that may wait for the loader. More would only cost memory.
const WAITING_ALBUMS: usize = 50;

/// Calls' worths of refreshed tracks that may wait for the loader; each weighs as much as several albums.
const WAITING_CALLS: usize = 4;

/// What a run works with.
pub struct Job {
    /// The database, migrated.
    pub db: PgPool,
    /// The Web API.
    pub spotify: Arc<Client>,
    /// ReccoBeats.
    pub reccobeats: Arc<reccobeats::Client>,
    /// Who is asked for audio features.
    pub audio_features: AudioFeaturesFrom,
    /// The Spotify app's client id.
    pub client_id: String,
    /// What `ops.runs.api_url` says: the API's address, or `sandbox`.
    pub api: String,
    /// The models to build.
    pub project: Project,
    /// How many days after its release a track's popularity is read again.
    pub popularity_window_days: u16,
    /// Where raw rows are archived, if they are.
    pub archive: Option<ArchivePlace>,
    /// Cancelled when the run is to end in good order.
    pub stop: CancellationToken,
    /// What a terminal shows meanwhile.
    pub bars: Bars,
}

impl Job {
    /// Calls made so far, to Spotify and to ReccoBeats.
    fn calls(&self) -> CallsByEndpoint {
        self.spotify.calls().and(self.reccobeats.calls())
    }
}

/// A progress bar for each stage that takes long; hidden ones where nobody looks.
pub struct Bars {
    /// Pages of the list.
    pub discover: ProgressBar,
    /// Albums.
    pub fetch: ProgressBar,
    /// Albums.
    pub load: ProgressBar,
    /// Models.
    pub transform: ProgressBar,
}

/// Does the scheduled job: what an earlier run left, then new releases, then what moves, then the models. `report`
/// says what was done, however the run ends.
///
/// # Errors
/// What ended the run early. Albums that were complete by then are stored, and the ledger knows how it ended.
pub async fn run(job: &Job, report: &mut RunReport) -> Result<(), RunError> {
    let run_id = report.run_id;
    let claimed = tokio::select! {
        claimed = claim::claim(job, run_id) => claimed,
        () = job.stop.cancelled() => Err(RunError::Interrupted),
    };
    let _lock = match claimed {
        Ok(lock) => lock,
        Err(refused) => {
            claim::note_refusal(job, report, &refused).await;
            return Err(refused);
        }
    };
    report.rows_loaded = Some(0);
    let mut run = Run {
        job,
        run_id,
        report,
        progress: Progress::of(run_id, &job.db),
    };
    let outcome = tokio::select! {
        outcome = run.stages() => outcome,
        () = stop::overdue(&job.stop, stop::TO_STORE) => Err(RunError::Interrupted),
    };
    run.finish(outcome).await
}

/// Albums to load; too many to write down with the stage.
#[derive(Serialize)]
struct New {
    #[serde(skip)]
    albums: Vec<PendingAlbum>,
}

struct Run<'a> {
    job: &'a Job,
    run_id: Uuid,
    report: &'a mut RunReport,
    progress: Progress,
}

impl Run<'_> {
    async fn stages(&mut self) -> Result<(), RunError> {
        let extracted = self.extract_and_load().await;
        let noted = self.note_drift().await;
        if let Err(error) = extracted {
            // what is loaded can be looked at, although Spotify wants to be left alone for now
            let postponed = error.postponed()?;
            if let Some(not_before) = postponed.not_before() {
                runs::record_not_before(&self.job.db, self.run_id, not_before).await?;
            }
            self.report.postponed = Some(postponed);
        }
        noted?;
        self.transform().await
    }

    async fn extract_and_load(&mut self) -> Result<(), RunError> {
        let job = self.job;
        let still_left = self.finish_what_was_left().await?;
        let discovered = self.discover().await?;
        let new = self.exclude_known(discovered, still_left).await?;
        self.learn_mode().await?;
        self.fetch_and_load(["fetch", "load"], new).await?;
        self.learn_mode().await?;
        for due in self.due() {
            self.refresh(due).await?;
        }
        match (job.spotify.daily_budget(), self.report.waiting_for_budget) {
            (Some(calls_a_day), albums @ 1..) => Err(RunError::BudgetSpent { calls_a_day, albums }),
            _ => Ok(()),
        }
    }

    /// What is asked again, in the order of worth.
    fn due(&self) -> [Due; 3] {
        let window_days = self.job.popularity_window_days;
        let run_id = self.run_id;
        [
            Due::AudioFeatures,
            Due::Popularity { window_days },
            Due::Isrcs { run_id },
        ]
    }

    /// With a day's budget it waits until the list is read, which is worth more. Returns how many albums wait.
    async fn finish_what_was_left(&mut self) -> Result<u64, RunError> {
        let left = albums::pending(&self.job.db).await?;
        self.report.left_by_earlier_runs = left.len() as u64;
        if left.is_empty() || self.job.spotify.daily_budget().is_some() {
            return Ok(self.report.left_by_earlier_runs);
        }
        tracing::info!(
            albums = left.len(),
            "{} albums are left from an earlier run",
            left.len()
        );
        self.fetch_and_load(["finish_fetch", "finish_load"], left).await?;
        Ok(self.report.waiting_for_budget)
    }

    async fn discover(&mut self) -> Result<Discovered, RunError> {
        let job = self.job;
        let walk = async {
            tokio::select! {
                found = extract::discover(&job.spotify, &job.bars.discover) => Ok(found?),
                () = job.stop.cancelled() => Err(RunError::Interrupted),
            }
        };
        let mut discovered = self
            .step("discover", walk, |found: &Discovered| found.albums.len() as u64)
            .await?;
        self.report.discovered_by = discovered.way;
        self.report.listed = discovered.albums.len() as u64;
        let quarantined = std::mem::take(&mut discovered.quarantined);
        if !quarantined.is_empty() {
            self.report.quarantined += quarantined.len() as u64;
            self.load_one(Extracted {
                quarantined,
                ..Extracted::default()
            })
            .await?;
        }
        Ok(discovered)
    }

    /// Writes down what the list showed. What of it is not known, and can be asked for today, is what remains.
    async fn exclude_known(
        &mut self,
        discovered: Discovered,
        still_left: u64,
    ) -> Result<Vec<PendingAlbum>, RunError> {
        let (db, run_id) = (&self.job.db, self.run_id);
        let exclude = async {
            albums::record_sightings(db, run_id, &discovered.albums).await?;
            Ok(New {
                albums: albums::pending(db).await?,
            })
        };
        let new: New = self
            .step("exclude_known", exclude, |new: &New| new.albums.len() as u64)
            .await?;
        self.report.new_albums = Some((new.albums.len() as u64).saturating_sub(still_left));
        Ok(new.albums)
    }

    async fn fetch_and_load(
        &mut self,
        steps: [&'static str; 2],
        albums: Vec<PendingAlbum>,
    ) -> Result<(), RunError> {
        let job = self.job;
        for bar in [&job.bars.fetch, &job.bars.load] {
            bar.set_length(albums.len() as u64);
            bar.set_position(0);
        }
        let (complete, arriving) = mpsc::channel(WAITING_ALBUMS);
        let source = self.source();
        let rows_before = self.report.rows_loaded.take();
        let ((fetched, mut fetch), (loaded, load)) = tokio::join!(
            self.timed(
                steps[0],
                async { Ok::<_, RunError>(extract::fetch(&source, albums, complete, &job.bars.fetch).await) },
                |done| done.albums
            ),
            self.timed(
                steps[1],
                load::load(&job.db, self.run_id, arriving, &job.bars.load),
                |done| done.albums
            ),
        );
        let fetched = fetched?;
        fetch.error = fetched.stopped_by.as_ref().map(ToString::to_string);
        self.record(fetch).await?;
        self.record(Step {
            calls: Calls::default(),
            ..load
        })
        .await?;
        // a loader that failed is the cause, the fetch that found nobody to hand on to is the consequence
        let loaded = loaded?;
        self.report.rows_loaded = rows_before.map(|rows| rows + loaded.rows());
        self.report.loaded.add(&loaded);
        self.report.quarantined += fetched.quarantined;
        self.report.waiting_for_budget = fetched.left;
        fetched.stopped_by.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Whether an app is in development mode is asked only where nothing else has told it. Trouble with this one
    /// call is no trouble of the run: a later one asks again.
    async fn learn_mode(&self) -> Result<(), RunError> {
        let Job { spotify, stop, .. } = self.job;
        if !spotify.may_be_in_either_mode(self.job.audio_features) {
            return Ok(());
        }
        tokio::select! {
            learned = spotify.learn_mode() => match learned {
                Err(error) if error.is_of_this_call_alone() => {
                    tracing::warn!("whether the app is in development mode was not learned: {error}");
                    Ok(())
                }
                learned => Ok(learned?),
            },
            () = stop.cancelled() => Err(RunError::Interrupted),
        }
    }

    async fn refresh(&mut self, due: Due) -> Result<(), RunError> {
        let job = self.job;
        let (answers, arriving) = mpsc::channel(WAITING_CALLS);
        let (source, no_bar) = (self.source(), ProgressBar::hidden());
        let rows_before = self.report.rows_loaded.take();
        let ((refreshed, mut step), loaded) = tokio::join!(
            self.timed(due.step(), extract::refresh(&source, due, answers), |done| done
                .due),
            load::load(&job.db, self.run_id, arriving, &no_bar),
        );
        if let Ok(Refreshed {
            stopped_by: Some(error),
            ..
        }) = &refreshed
        {
            step.error = Some(error.to_string());
        }
        self.record(step).await?;
        let loaded = loaded?;
        self.report.rows_loaded = rows_before.map(|rows| rows + loaded.rows());
        self.report.refreshed.add(&loaded);
        let refreshed = refreshed?;
        self.report.quarantined += refreshed.quarantined;
        refreshed.stopped_by.map_or(Ok(()), |error| Err(error.into()))
    }

    async fn transform(&mut self) -> Result<(), RunError> {
        let job = self.job;
        if self.report.stored_nothing()
            && runs::tables_stand(&job.db, self.run_id, job.project.fingerprint()).await?
        {
            self.report.tables_stand = true;
            return Ok(());
        }
        let options = transform::Options {
            run_id: Some(self.run_id),
            ..transform::Options::default()
        };
        let loaded = self.report.loaded.clone();
        let build = async {
            let mut connection = job.db.acquire().await?;
            // what is given up in the middle of a transaction must not go back to the pool
            connection.close_on_drop();
            load::refresh_statistics(&mut connection, &loaded).await?;
            drop(connection);
            let show = |_: &str, done: usize, of: usize| {
                job.bars.transform.set_length(of as u64);
                job.bars.transform.set_position(done as u64);
            };
            tokio::select! {
                biased;
                () = job.stop.cancelled() => Err(RunError::Interrupted),
                built = transform::transform(&job.db, &job.project, &options, show) => Ok(built?),
            }
        };
        let changed = |report: &TransformReport| {
            report
                .models
                .iter()
                .map(|model| model.inserted.unsigned_abs() + model.deleted.unsigned_abs())
                .sum()
        };
        let built = self.step("transform", build, changed).await;
        self.report.checks_failed = match &built {
            Ok(_) => Some(0),
            Err(RunError::Transform(TransformError::ChecksFailed(failed))) => Some(failed.len() as u64),
            Err(_) => None,
        };
        let built = built?;
        self.report.models = built.models;
        self.report.checks = built.checks;
        Ok(())
    }

    fn source(&self) -> Source {
        Source {
            spotify: Arc::clone(&self.job.spotify),
            reccobeats: Arc::clone(&self.job.reccobeats),
            audio_features: self.job.audio_features,
            db: self.job.db.clone(),
            stop: self.job.stop.clone(),
        }
    }

    async fn load_one(&self, extracted: Extracted) -> Result<Loaded, RunError> {
        let (sender, receiver) = mpsc::channel(1);
        let no_bar = ProgressBar::hidden();
        let (_, loaded) = tokio::join!(
            async move { sender.send(extracted).await },
            load::load(&self.job.db, self.run_id, receiver, &no_bar)
        );
        Ok(loaded?)
    }

    /// Writes down how the run ended, and archives what it stored. A database that is gone cannot be told; the next run
    /// will see to it.
    async fn finish(mut self, outcome: Result<(), RunError>) -> Result<(), RunError> {
        let calls = self.job.calls();
        let errors = [outcome.as_ref().err(), self.report.postponed.as_ref()];
        let last_words = async {
            let written = claim::release(self.job, self.run_id, &calls, errors).await;
            let calls_left = self.job.spotify.look_up_calls_left().await;
            (written, calls_left.ok(), runs::standing(&self.job.db).await.ok())
        };
        let (written, calls_left, standing) = tokio::select! {
            written = last_words => written,
            () = stop::overdue(&self.job.stop, stop::TO_WRITE_DOWN) => (Err(RunError::Interrupted), None, None),
        };
        if let Some(standing) = standing {
            self.report.note(standing);
        }
        self.report.calls = calls;
        let known = self.job.spotify.known();
        self.report.development_mode = known.development_mode;
        self.report.calls_per_second = self.job.spotify.pace();
        self.report.daily_budget = self.job.spotify.daily_budget();
        self.report.calls_left = calls_left.flatten();
        if written.is_ok() {
            self.archive().await;
        }
        self.progress.end().await;
        outcome?;
        written
    }
}
