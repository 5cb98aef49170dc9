//! How the popularity of releases moves with their age.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::charts::{Path, Paths};
use super::choice::{Choice, MOST, Search};
use super::missing::Missing;
use super::{Query, View};
use crate::explore::Kind;

/// How the popularity of releases moves with their age.
#[derive(Debug, Serialize)]
pub struct Popularity {
    releases: Vec<Release>,
    /// Why the page chose the releases itself; none when the address did.
    default: Option<Default>,
    /// Those of all the releases, in their order.
    readings: Vec<Reading>,
    search: Option<Search>,
    /// As many can be compared.
    most: usize,
    /// Why there is nothing to show; none when there is.
    missing: Option<Missing>,
    chart: Paths,
}

/// How the page chose releases itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Default {
    /// Those new releases that gain most for their age.
    Rising,
    /// The most popular, since no release is new.
    Popular,
}

/// A release as its latest reading has it, and how it gains.
#[derive(Debug, Serialize, FromRow)]
struct Release {
    album_id: String,
    album_name: Option<String>,
    artist_names: Option<String>,
    release_date: NaiveDate,
    readings: i64,
    first_observed_on: NaiveDate,
    observed_on: NaiveDate,
    days_since_release: i32,
    popularity: i32,
    popularity_percentile: Option<f64>,
    /// None when the release is not new, as is all that follows.
    releases_of_age: Option<i32>,
    gain_per_week: Option<f64>,
    gain_percentile: Option<f64>,
    gains_of_age: Option<i32>,
    gain_missing_reason: Option<String>,
}

/// The popularity of a release on a day.
#[derive(Debug, Serialize, FromRow)]
struct Reading {
    album_id: String,
    days_since_release: i32,
    observed_on: NaiveDate,
    popularity: i32,
    mean_track_popularity: f64,
    tracks: i32,
    total_tracks: Option<i32>,
}

impl View for Popularity {
    const PATH: &'static str = "/popularity";
    const TEMPLATE: &'static str = "popularity.html";

    fn title(&self) -> String {
        "How popularity moves after release".to_owned()
    }

    async fn read(db: &mut PgConnection, query: &mut Query) -> sqlx::Result<Self> {
        let (default, releases) = match Choice::asked(query, Kind::Album) {
            Some(choice) => (None, chosen(db, query, &choice).await?),
            None => {
                let (default, ids) = Default::read(db).await?;
                (Some(default), followed(db, &ids).await?)
            }
        };
        let ids: Vec<&str> = releases.iter().map(|release| release.album_id.as_str()).collect();
        let readings: Vec<Reading> = sqlx::query_as(include_str!("sql/popularity_readings.sql"))
            .bind(&ids)
            .fetch_all(&mut *db)
            .await?;
        let kinds = [Kind::Album, Kind::Artist];
        let search = Search::read(db, query, &kinds, include_str!("sql/found_releases.sql")).await?;
        let missing = match releases.is_empty() && default.is_some() {
            true => Some(Missing::read(db).await?),
            false => None,
        };
        Ok(Self {
            chart: chart(&releases, &readings),
            releases,
            default,
            readings,
            search,
            most: MOST,
            missing,
        })
    }
}

/// The releases that are asked for. It tells the reader which have no reading.
async fn chosen(db: &mut PgConnection, query: &mut Query, choice: &Choice) -> sqlx::Result<Vec<Release>> {
    let releases = followed(db, &choice.ids).await?;
    let shown = releases.iter().map(|release| release.album_id.as_str());
    if let Some(names) = choice.missing(db, shown).await? {
        let told = format!("nothing is shown of {names}: no popularity was read since the day of release");
        query.reject("album", told);
    }
    Ok(releases)
}

async fn followed(db: &mut PgConnection, ids: &[String]) -> sqlx::Result<Vec<Release>> {
    sqlx::query_as(include_str!("sql/followed_releases.sql"))
        .bind(ids)
        .fetch_all(db)
        .await
}

impl Default {
    /// The ids of releases to begin with, and why these.
    async fn read(db: &mut PgConnection) -> sqlx::Result<(Self, Vec<String>)> {
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        let rising: Vec<String> = sqlx::query_scalar(include_str!("sql/rising_releases.sql"))
            .bind(most)
            .fetch_all(&mut *db)
            .await?;
        if !rising.is_empty() {
            return Ok((Self::Rising, rising));
        }
        let popular = sqlx::query_scalar(include_str!("sql/popular_releases.sql"))
            .bind(most)
            .fetch_all(db)
            .await?;
        Ok((Self::Popular, popular))
    }
}

fn chart(releases: &[Release], readings: &[Reading]) -> Paths {
    let path = |release: &Release| Path {
        name: release
            .album_name
            .clone()
            .unwrap_or_else(|| release.album_id.clone()),
        points: readings
            .iter()
            .filter(|reading| reading.album_id == release.album_id)
            .map(|reading| (reading.days_since_release, f64::from(reading.popularity)))
            .collect(),
    };
    Paths {
        x: "days since release",
        y: "popularity",
        series: releases.iter().map(path).collect(),
    }
}
