//! What charts.js draws, kind by kind.

use chrono::NaiveDate;
use serde::Serialize;

/// `bars`, from the top down.
#[derive(Debug, Serialize)]
pub(super) struct Bars {
    pub(super) labels: Vec<String>,
    pub(super) values: Vec<i32>,
    pub(super) unit: &'static str,
}

/// `heatmap`: values from -1 to 1.
#[derive(Debug, Serialize)]
pub(super) struct Heatmap {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<&'static str>,
    pub(super) cells: Vec<Placed>,
}

/// A cell in its column and row, from 0.
#[derive(Debug, Serialize)]
pub(super) struct Placed {
    pub(super) column: usize,
    pub(super) row: usize,
    #[serde(flatten)]
    pub(super) cell: Cell,
}

/// A value with its 95 % interval.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Cell {
    pub(super) value: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) n: i32,
    /// Why there is no value.
    pub(super) reason: Option<String>,
}

/// `scatter`: points and the line fitted to them.
#[derive(Debug, Serialize)]
pub(super) struct Scatter {
    pub(super) x: String,
    pub(super) y: &'static str,
    pub(super) points: Vec<Dot>,
    /// Its ends; none where there is no line.
    pub(super) line: Option<[(f64, f64); 2]>,
}

#[derive(Debug, Serialize)]
pub(super) struct Dot {
    pub(super) x: f64,
    pub(super) y: i32,
    pub(super) name: String,
}

/// `profile`: how far series stand from an average, feature by feature.
#[derive(Debug, Serialize)]
pub(super) struct Profile {
    pub(super) features: Vec<&'static str>,
    pub(super) unit: &'static str,
    pub(super) average: &'static str,
    pub(super) series: Vec<Outline>,
}

/// A series of a profile: a mark for each feature.
#[derive(Debug, Serialize)]
pub(super) struct Outline {
    pub(super) name: String,
    pub(super) values: Vec<Mark>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Mark {
    pub(super) distance: Option<f64>,
    pub(super) mean: String,
    pub(super) percentile: Option<f64>,
}

/// `calendar`: what came out on each day, by kind.
#[derive(Debug, Serialize)]
pub(super) struct Calendar {
    /// Every day of the month.
    pub(super) days: Vec<NaiveDate>,
    pub(super) series: Vec<Stack>,
}

/// A kind's number on each day.
#[derive(Debug, Serialize)]
pub(super) struct Stack {
    pub(super) name: &'static str,
    pub(super) values: Vec<i32>,
}

/// `paths`: popularity over the days since release.
#[derive(Debug, Serialize)]
pub(super) struct Paths {
    pub(super) x: &'static str,
    pub(super) y: &'static str,
    pub(super) series: Vec<Path>,
}

#[derive(Debug, Serialize)]
pub(super) struct Path {
    pub(super) name: String,
    /// Days since release, and the popularity then.
    pub(super) points: Vec<(i32, f64)>,
}
