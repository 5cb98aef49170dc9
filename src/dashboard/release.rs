//! One release.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::PgConnection;

use super::charts::{Path, Paths};
use super::query::address;
use super::{Query, View, artists};
use crate::explore::{self, Reading, Similar};

/// As many releases that sound alike are named.
const SIMILAR: u32 = 10;

/// One release: its tracks, how its popularity moved, and what sounds like it. The address names it as `album_id`.
#[derive(Debug, Serialize)]
pub struct Release {
    release: explore::Release,
    similar: Option<Similar>,
    /// Those of its artists that `/artists` can show.
    profiled: BTreeSet<String>,
    chart: Paths,
    /// The days on which the popularity of its tracks was read last.
    first_observed_on: Option<NaiveDate>,
    last_observed_on: Option<NaiveDate>,
    /// Addresses of its tracks and of its popularity by age, as CSV.
    tracks_csv: String,
    path_csv: String,
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
        let artists: Vec<&str> = release
            .artists
            .iter()
            .map(|artist| artist.artist_id.as_str())
            .collect();
        Ok(Self {
            similar: Similar::read(db, album_id, SIMILAR).await?,
            profiled: artists::with_profile(db, &artists).await?,
            ..Self::alone(release)
        })
    }
}

impl Release {
    /// A release without what leads to other pages.
    pub(super) fn alone(release: explore::Release) -> Self {
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
            chart: chart(&release),
            first_observed_on: observed().min(),
            last_observed_on: observed().max(),
            tracks_csv: tracks_csv(&release).unwrap_or_else(|| csv("core/dim_track", "track_id")),
            path_csv: csv("trends/popularity_trajectory", "days_since_release"),
            similar: None,
            profiled: BTreeSet::new(),
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

fn chart(release: &explore::Release) -> Paths {
    let path = |name: &str, of: fn(&Reading) -> Option<f64>| {
        let readings = release.popularity_path.iter();
        Path {
            name: name.to_owned(),
            points: readings
                .filter_map(|reading| Some((reading.days_since_release, of(reading)?)))
                .collect(),
        }
    };
    Paths {
        x: "days since release",
        y: "popularity, 0 to 100",
        series: vec![
            path("Most popular track", |reading| reading.popularity.map(f64::from)),
            path("Mean of its tracks", |reading| reading.mean_track_popularity),
        ],
    }
}
