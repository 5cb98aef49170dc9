//! The releases of a week by popularity.

use chrono::{NaiveDate, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::charts::Bars;
use super::query::address;
use super::{Query, View};

/// Rows of a page.
const PAGE: i64 = 50;
/// As many weeks are offered to choose from: five years.
const WEEKS: i64 = 261;
/// As many names are offered for a filter.
const NAMES: i32 = 100;
/// As many releases are drawn.
const TOP: usize = 10;

/// The releases of a week by popularity: those that the filters let through, a page of them.
#[derive(Debug, Serialize)]
pub struct TopReleases {
    /// Monday of the week.
    week: NaiveDate,
    /// The weeks to choose from, the newest first: the latest that have releases, and this one.
    weeks: Vec<NaiveDate>,
    /// The newest with releases that has begun, else the newest; none before the first release.
    newest: Option<NaiveDate>,
    /// Monday of today: later weeks have not begun.
    this_week: NaiveDate,
    #[serde(flatten)]
    neighbours: Neighbours,
    of_week: OfWeek,
    releases: Vec<TopRelease>,
    chart: Option<Bars>,
    /// From 1.
    page: i64,
    pages: i64,
    /// Address of all rows that the filters let through, as CSV.
    csv: String,
}

/// The weeks with releases before and after.
#[derive(Debug, Serialize, FromRow)]
struct Neighbours {
    earlier: Option<NaiveDate>,
    later: Option<NaiveDate>,
}

/// A row of `trends.weekly_top_releases`, under that table's names.
#[derive(Debug, Serialize, FromRow)]
struct TopRelease {
    release_week: NaiveDate,
    rank: i32,
    album_id: String,
    album_name: Option<String>,
    artist_names: Option<String>,
    release_type: Option<String>,
    label: Option<String>,
    release_date: Option<NaiveDate>,
    tracks: i32,
    popularity: Option<i32>,
    popularity_missing_reason: Option<String>,
    mean_track_popularity: Option<f64>,
    tracks_with_popularity: i32,
    observed_on: Option<NaiveDate>,
    ranked_by: String,
}

/// What all releases of the week say together.
#[derive(Debug, Serialize, FromRow)]
struct OfWeek {
    releases: i64,
    with_popularity: i64,
    by_album_popularity: i64,
    by_list_position: i64,
    by_nothing: i64,
    /// all, some or none; null when the week has no releases.
    popularity_coverage: Option<String>,
    first_observed_on: Option<NaiveDate>,
    last_observed_on: Option<NaiveDate>,
    /// How many the filters let through, all of them or without one.
    matching: i64,
    matching_with_popularity: i64,
    matching_without_artist: i64,
    matching_without_label: i64,
    matching_without_type: i64,
    /// What the filters can choose.
    types: Vec<String>,
    labels: Vec<String>,
    artists: Vec<String>,
}

/// What the reader asks for.
struct Filters<'a> {
    week: NaiveDate,
    artist: Option<&'a str>,
    label: Option<&'a str>,
    release_type: Option<&'a str>,
}

impl View for TopReleases {
    const PATH: &'static str = "/";
    const TEMPLATE: &'static str = "top_releases.html";

    fn title(&self) -> String {
        format!("Top releases of the week of {}", self.week.format("%-d %B %Y"))
    }

    async fn read(db: &mut PgConnection, query: &mut Query) -> sqlx::Result<Self> {
        let this_week = monday(Utc::now().date_naive());
        let weeks: Vec<NaiveDate> = sqlx::query_scalar(include_str!("sql/weeks.sql"))
            .bind(WEEKS)
            .fetch_all(&mut *db)
            .await?;
        let newest = newest(&weeks, this_week);
        let asked = query.date("week").map(monday);
        let page: Option<i64> = query.parsed("page", "the number of a page");
        let week = asked.or(newest).unwrap_or(this_week);
        let filters = Filters {
            week,
            artist: query.text("artist"),
            label: query.text("label"),
            release_type: query.text("type"),
        };
        let of_week = filters.of_week(db).await?;
        let pages = (of_week.matching + PAGE - 1) / PAGE;
        let page = page.unwrap_or(1).clamp(1, pages.max(1));
        let releases = filters.releases(db, page).await?;
        Ok(Self {
            week,
            weeks: with(weeks, week),
            newest,
            this_week,
            neighbours: Neighbours::of(db, week).await?,
            of_week,
            chart: (page == 1).then(|| bars(&releases)).flatten(),
            releases,
            page,
            pages,
            csv: filters.csv(),
        })
    }
}

impl Neighbours {
    async fn of(db: &mut PgConnection, week: NaiveDate) -> sqlx::Result<Self> {
        sqlx::query_as(include_str!("sql/weeks_around.sql"))
            .bind(week)
            .fetch_one(db)
            .await
    }
}

impl TopReleases {
    /// The ids of the first ten releases of the page.
    pub(super) fn top(&self) -> impl Iterator<Item = &str> {
        self.releases
            .iter()
            .take(TOP)
            .map(|release| release.album_id.as_str())
    }
}

impl Filters<'_> {
    async fn of_week(&self, db: &mut PgConnection) -> sqlx::Result<OfWeek> {
        sqlx::query_as(include_str!("sql/releases_of_week.sql"))
            .bind(self.week)
            .bind(self.artist)
            .bind(self.label)
            .bind(self.release_type)
            .bind(NAMES)
            .fetch_one(db)
            .await
    }

    async fn releases(&self, db: &mut PgConnection, page: i64) -> sqlx::Result<Vec<TopRelease>> {
        sqlx::query_as(include_str!("sql/top_releases.sql"))
            .bind(self.week)
            .bind(self.artist)
            .bind(self.label)
            .bind(self.release_type)
            .bind(PAGE)
            .bind((page - 1) * PAGE)
            .fetch_all(db)
            .await
    }

    /// The same filters, as the API names them.
    fn csv(&self) -> String {
        let week = self.week.to_string();
        let pairs = [
            ("release_week", Some(week.as_str())),
            ("artist_names.contains", self.artist),
            ("label.contains", self.label),
            ("release_type", self.release_type),
            ("sort", Some("rank")),
            ("limit", Some("10000")),
            ("format", Some("csv")),
        ];
        let pairs = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
        address("/api/v1/trends/weekly-top-releases", pairs)
    }
}

/// The first of these releases whose popularity is known; nothing where none is.
fn bars(releases: &[TopRelease]) -> Option<Bars> {
    let drawn = releases.iter().take(TOP);
    let (labels, values): (Vec<String>, Vec<i32>) = drawn
        .filter_map(|release| Some((release.in_short(), release.popularity?)))
        .unzip();
    let unit = "popularity, 0 to 100";
    (!values.is_empty()).then_some(Bars { labels, values, unit })
}

impl TopRelease {
    fn in_short(&self) -> String {
        let name = self.album_name.as_deref().unwrap_or("(no name)");
        match &self.artist_names {
            Some(artists) => format!("{}. {name}, {artists}", self.rank),
            None => format!("{}. {name}", self.rank),
        }
    }
}

/// The newest week that has begun; where none has, the newest.
fn newest(weeks: &[NaiveDate], this_week: NaiveDate) -> Option<NaiveDate> {
    let begun = weeks.iter().find(|week| **week <= this_week);
    begun.or_else(|| weeks.first()).copied()
}

/// The weeks with one more, in their order, unless it is there.
fn with(mut weeks: Vec<NaiveDate>, week: NaiveDate) -> Vec<NaiveDate> {
    let place = weeks.partition_point(|other| *other > week);
    if weeks.get(place) != Some(&week) {
        weeks.insert(place, week);
    }
    weeks
}

/// The Monday of a day's week.
fn monday(day: NaiveDate) -> NaiveDate {
    day.week(chrono::Weekday::Mon).checked_first_day().unwrap_or(day)
}
