//! What came out on each day of a month.

use chrono::{Datelike, Days, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::charts::{self, Stack};
use super::{Query, View};
use crate::domain;

/// What came out on each day of a month.
#[derive(Debug, Serialize)]
pub struct Calendar {
    /// None while no release has a day.
    month: Option<Month>,
    /// Only days with a release.
    days: Vec<Day>,
    /// Over the days. Tracks, labels and artists do not add up, since a day's may come back on another.
    total: Total,
    chart: charts::Calendar,
}

/// A month, by its first day, and its neighbours that have a release.
#[derive(Debug, Clone, Copy, Serialize, FromRow)]
struct Month {
    first_day: NaiveDate,
    earlier: Option<NaiveDate>,
    later: Option<NaiveDate>,
}

/// What came out on a day.
#[derive(Debug, Serialize, FromRow)]
struct Day {
    release_date: NaiveDate,
    releases: i32,
    albums: i32,
    singles: i32,
    eps: i32,
    compilations: i32,
    /// Of a type that Spotify has added.
    others: i32,
    tracks: i32,
    /// None when no label is known.
    labels: Option<i32>,
    releases_with_label: i32,
    artists: i32,
}

/// What came out in the month.
#[derive(Debug, Default, Serialize)]
struct Total {
    releases: i32,
    albums: i32,
    singles: i32,
    eps: i32,
    compilations: i32,
    others: i32,
    releases_with_label: i32,
}

impl View for Calendar {
    const PATH: &'static str = "/calendar";
    const TEMPLATE: &'static str = "calendar.html";

    fn title(&self) -> String {
        match &self.month {
            Some(month) => format!("What came out in {}", month.first_day.format("%B %Y")),
            None => "What came out, day by day".to_owned(),
        }
    }

    async fn read(db: &mut PgConnection, query: &mut Query) -> sqlx::Result<Self> {
        let asked = asked(query);
        let month: Option<Month> = sqlx::query_as(include_str!("sql/calendar_month.sql"))
            .bind(asked)
            .bind(Utc::now().date_naive())
            .fetch_optional(&mut *db)
            .await?;
        let days: Vec<Day> = match month {
            Some(month) => {
                sqlx::query_as(include_str!("sql/calendar_days.sql"))
                    .bind(month.first_day)
                    .fetch_all(db)
                    .await?
            }
            None => Vec::new(),
        };
        Ok(Self {
            chart: chart(month, &days),
            total: days.iter().fold(Total::default(), Total::and),
            month,
            days,
        })
    }
}

/// The month that the address asks for, by its first day.
fn asked(query: &mut Query) -> Option<NaiveDate> {
    let text = query.text("month")?.to_owned();
    let first_day = domain::day(&format!("{text}-01"));
    if first_day.is_none() {
        query.reject(
            "month",
            format!("“{text}” is not a month like 2026-01, so the latest is shown"),
        );
    }
    first_day
}

impl Total {
    fn and(self, day: &Day) -> Self {
        Self {
            releases: self.releases + day.releases,
            albums: self.albums + day.albums,
            singles: self.singles + day.singles,
            eps: self.eps + day.eps,
            compilations: self.compilations + day.compilations,
            others: self.others + day.others,
            releases_with_label: self.releases_with_label + day.releases_with_label,
        }
    }
}

fn chart(month: Option<Month>, days: &[Day]) -> charts::Calendar {
    let all_days = month.map_or_else(Vec::new, |month| month.days());
    let stack = |name: &'static str, of: fn(&Day) -> i32| {
        let count = |date: &NaiveDate| days.iter().find(|day| day.release_date == *date).map_or(0, of);
        Stack {
            name,
            values: all_days.iter().map(count).collect(),
        }
    };
    let stacks = [
        stack("Albums", |day| day.albums),
        stack("Singles", |day| day.singles),
        stack("EPs", |day| day.eps),
        stack("Compilations", |day| day.compilations),
        stack("Other", |day| day.others),
    ];
    charts::Calendar {
        series: stacks
            .into_iter()
            .filter(|stack| stack.values.iter().any(|value| *value != 0))
            .collect(),
        days: all_days,
    }
}

impl Month {
    fn days(self) -> Vec<NaiveDate> {
        let days = (0..31).filter_map(|days| self.first_day.checked_add_days(Days::new(days)));
        days.take_while(|day| day.month() == self.first_day.month())
            .collect()
    }
}
