//! One release.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::PgConnection;

use super::query::address;
use super::{Query, View};
use crate::explore::{self, Similar};

/// As many releases that sound alike are named.
const SIMILAR: u32 = 10;

/// One release: its tracks, how its popularity moved, and what sounds like it. The address names it as `album_id`.
#[derive(Debug, Serialize)]
pub struct Release {
    release: explore::Release,
    similar: Option<Similar>,
    chart: Paths,
    /// The days on which the popularity of its tracks was read last.
    first_observed_on: Option<NaiveDate>,
    last_observed_on: Option<NaiveDate>,
    /// Addresses of its tracks and of its popularity by age, as CSV.
    tracks_csv: String,
    path_csv: String,
}

/// Lines over the days since release: the chart `paths`.
#[derive(Debug, Serialize)]
struct Paths {
    x: &'static str,
    y: &'static str,
    series: Vec<Path>,
}

#[derive(Debug, Serialize)]
struct Path {
    name: &'static str,
    /// Days since release, and the value then.
    points: Vec<(i32, f64)>,
}

impl View for Release {
    const PATH: &'static str = "/releases/{album_id}";
    const TEMPLATE: &'static str = "release.html";

    fn title(&self) -> String {
        let name = self.release.album.album_name.clone();
        name.unwrap_or_else(|| "(no name)".to_owned())
    }

    async fn read(db: &mut PgConnection, query: &mut Query) -> sqlx::Result<Self> {
        let album_id = query.text("album_id").unwrap_or_default();
        let release = explore::Release::read(db, album_id).await?;
        let release = release.ok_or(sqlx::Error::RowNotFound)?;
        let similar = Similar::read(db, album_id, SIMILAR).await?;
        Ok(Self::new(release, similar))
    }
}

impl Release {
    /// A release with those that sound like it, where these are known.
    pub(super) fn new(release: explore::Release, similar: Option<Similar>) -> Self {
        let album_id = release.album.album_id.as_str();
        let observed = || {
            release
                .tracks
                .iter()
                .filter_map(|track| track.popularity_observed_on)
        };
        let csv = |table: &str, sort: &str| {
            let pairs = [
                ("album_id", album_id),
                ("sort", sort),
                ("limit", "10000"),
                ("format", "csv"),
            ];
            address(&format!("/api/v1/{table}"), pairs)
        };
        Self {
            chart: Paths::of(&release),
            first_observed_on: observed().min(),
            last_observed_on: observed().max(),
            tracks_csv: tracks_csv(&release).unwrap_or_else(|| csv("core/dim_track", "track_id")),
            path_csv: csv("trends/popularity_trajectory", "days_since_release"),
            similar,
            release,
        }
    }
}

/// By the tracks' ids, since a track that came out before belongs to that album; none where the address would be too long.
fn tracks_csv(release: &explore::Release) -> Option<String> {
    const MOST_IDS: usize = 200;
    let ids = release
        .tracks
        .iter()
        .map(|track| ("track_id", track.track_id.as_str()));
    let form = [("limit", "10000"), ("format", "csv")];
    (release.tracks.len() <= MOST_IDS).then(|| address("/api/v1/core/dim_track", ids.chain(form)))
}

impl Paths {
    fn of(release: &explore::Release) -> Self {
        let path = &release.popularity_path;
        let of_top = path
            .iter()
            .filter_map(|reading| Some((reading.days_since_release, f64::from(reading.popularity?))));
        let of_mean = path
            .iter()
            .filter_map(|reading| Some((reading.days_since_release, reading.mean_track_popularity?)));
        Self {
            x: "days since release",
            y: "popularity, 0 to 100",
            series: vec![
                Path {
                    name: "Most popular track",
                    points: of_top.collect(),
                },
                Path {
                    name: "Mean of its tracks",
                    points: of_mean.collect(),
                },
            ],
        }
    }
}
