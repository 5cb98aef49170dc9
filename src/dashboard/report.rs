//! The views on one page that needs no other file and asks nobody for anything.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, NaiveDate, Utc};
use minijinja::value::{Serde, ValueKind, merge_maps};
use minijinja::{Error, ErrorKind, Value, context};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::postgres::PgPool;

use super::render::render;
use super::{
    Artists, Calendar, Features, Frame, Freshness, Pipeline, Popularity, Query, Release, TopReleases, View,
    files,
};
use crate::cell::inert;
use crate::explore::{self, is_of_sandbox, snapshot};
use crate::html;

const STYLES: [&str; 3] = ["base.css", "dashboard.css", "charts.css"];
const SCRIPTS: [&str; 2] = ["echarts.min.js", "charts.js"];

/// The views, of one publication.
#[derive(Debug)]
pub struct Report {
    made_at: DateTime<Utc>,
    frame: Frame,
    sections: Vec<Section>,
    /// The releases at the top, one by one: their ids, which are those of their sections too.
    releases: BTreeSet<String>,
}

/// A view on the page.
#[derive(Debug)]
struct Section {
    /// Where a link finds it.
    id: String,
    title: String,
    template: &'static str,
    view: Value,
    query: Query,
    /// Whether it stands in the table of contents.
    is_listed: bool,
}

/// A section as HTML.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    id: &'a str,
    title: &'a str,
    html: String,
    is_listed: bool,
}

impl Report {
    /// Reads all views; the top releases are those of the week of a day, else of the newest week. Before the first
    /// publication there are none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(db: &PgPool, day: Option<NaiveDate>) -> sqlx::Result<Self> {
        let mut db = snapshot(db).await?;
        let freshness = Freshness::read(&mut db).await?;
        let is_published = freshness.published_at.is_some();
        let mut report = Self {
            made_at: Utc::now(),
            frame: Frame {
                freshness: Some(freshness),
                in_sandbox: is_published && is_of_sandbox(&mut *db).await?,
            },
            sections: Vec::new(),
            releases: BTreeSet::new(),
        };
        if is_published {
            let mut query = Query::new("");
            if let Some(day) = day {
                query.set("week", &day.to_string());
            }
            report.read_views(&mut db, &query).await?;
        }
        Ok(report)
    }

    async fn read_views(&mut self, db: &mut PgConnection, query: &Query) -> sqlx::Result<()> {
        let mut of_top = query.clone();
        let top = TopReleases::read(db, &mut of_top).await?;
        let album_ids: Vec<String> = top.top().map(str::to_owned).collect();
        self.sections.push(Section::new("top-releases", &top, of_top));
        self.add::<Features>(db).await?;
        self.add::<Artists>(db).await?;
        self.add::<Calendar>(db).await?;
        self.add::<Popularity>(db).await?;
        self.add::<Pipeline>(db).await?;
        for album_id in album_ids {
            let Some(release) = explore::Release::read(db, &album_id).await? else {
                continue;
            };
            let release = Release::alone(release);
            let mut section = Section::new(&format!("release-{album_id}"), &release, query.clone());
            section.is_listed = false;
            self.sections.push(section);
            self.releases.insert(album_id);
        }
        Ok(())
    }

    async fn add<V: View>(&mut self, db: &mut PgConnection) -> sqlx::Result<()> {
        let mut query = Query::new("");
        let view = V::read(db, &mut query).await?;
        self.sections
            .push(Section::new(V::PATH.trim_start_matches('/'), &view, query));
        Ok(())
    }

    /// The page.
    ///
    /// # Errors
    /// When a template is wrong, which no database can bring about.
    pub fn page(&self) -> Result<String, Error> {
        let shown: Result<Vec<_>, Error> = self.sections.iter().map(|section| self.show(section)).collect();
        let text = |names: &[&str]| html::text(files::embedded, names);
        let style = text(&STYLES)?;
        let scripts: Result<Vec<String>, Error> = SCRIPTS.iter().map(|name| text(&[name])).collect();
        let scripts = scripts?;
        let context = context! {
            made_at => Value::from(Serde(self.made_at)),
            sections => Value::from(Serde(shown?)),
            policy => html::policy(&style, &scripts),
            style => style,
            scripts => scripts,
            ..self.links()
        };
        render("report.html", context, &self.frame)
    }

    /// What it is about, in a line.
    #[must_use]
    pub fn in_short(&self) -> String {
        match self.sections.first() {
            Some(first) => format!("{}, and {} other views", first.title, self.sections.len() - 1),
            None => "nothing is published yet".to_owned(),
        }
    }

    fn show<'a>(&self, section: &'a Section) -> Result<Shown<'a>, Error> {
        let context = context! {
            view => section.view.clone(),
            ..merge_maps([section.query.context(), self.links()])
        };
        let html = render(section.template, context, &self.frame)?;
        Ok(Shown {
            id: &section.id,
            title: &section.title,
            html: among_others(&html, &section.id),
            is_listed: section.is_listed,
        })
    }

    /// How links lead to other parts of the page, and downloads to what the page holds.
    fn links(&self) -> Value {
        let releases = self.releases.clone();
        context! {
            standalone => true,
            at => Value::from_function(move |path: String| within(&path, &releases)),
            csv => Value::from_function(|_address: String, rows: Value| as_csv(&rows)),
        }
    }
}

impl Section {
    fn new<V: View>(id: &str, view: &V, query: Query) -> Self {
        Self {
            id: id.to_owned(),
            title: view.title(),
            template: V::TEMPLATE,
            view: Value::from(Serde(view)),
            query,
            is_listed: true,
        }
    }
}

/// Where on the page something stands that has an address of its own elsewhere. Releases that are not on it are at
/// Spotify.
fn within(path: &str, releases: &BTreeSet<String>) -> String {
    match path.strip_prefix("/releases/") {
        Some(album_id) if releases.contains(album_id) => format!("#release-{album_id}"),
        Some(album_id) => format!("https://open.spotify.com/album/{album_id}"),
        None if path == TopReleases::PATH => "#top-releases".to_owned(),
        None => format!("#{}", path.trim_start_matches('/')),
    }
}

/// A view's HTML with headings a step lower and with ids that no other view has. What stands in such places is the
/// templates' own: text from the database has neither quotes nor angle brackets there, as both are escaped.
fn among_others(html: &str, id: &str) -> String {
    html.replace("<h3", "<h4")
        .replace("</h3>", "</h4>")
        .replace("<h2", "<h3")
        .replace("</h2>", "</h3>")
        .replace(" id=\"", &format!(" id=\"{id}-"))
        .replace(" aria-labelledby=\"", &format!(" aria-labelledby=\"{id}-"))
}

/// Rows, which are maps, as an address that holds them as CSV. What a row has in a map within is in columns of its own,
/// `feature_name`; lists are JSON.
fn as_csv(rows: &Value) -> Result<String, Error> {
    let failed = |error: String| Error::new(ErrorKind::BadSerialization, error);
    let mut columns = Vec::new();
    let mut lines = Vec::new();
    for row in rows.try_iter()? {
        let mut cells = BTreeMap::new();
        flatten(&row, "", &mut cells, &mut columns)?;
        lines.push(cells);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(&columns)
        .map_err(|error| failed(error.to_string()))?;
    for cells in lines {
        let line = columns
            .iter()
            .map(|column| cells.get(column).map_or("", String::as_str));
        writer
            .write_record(line)
            .map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    Ok(format!(
        "data:text/csv;charset=utf-8;base64,{}",
        BASE64_STANDARD.encode(bytes)
    ))
}

/// Puts a map's values into `cells` and names their columns, each once, in the order in which they are met.
fn flatten(
    map: &Value,
    prefix: &str,
    cells: &mut BTreeMap<String, String>,
    columns: &mut Vec<String>,
) -> Result<(), Error> {
    for name in map.try_iter()? {
        let value = map.get_item(&name)?;
        let column = format!("{prefix}{name}");
        let text = match value.kind() {
            ValueKind::Map => {
                flatten(&value, &format!("{column}_"), cells, columns)?;
                continue;
            }
            ValueKind::None | ValueKind::Undefined => String::new(),
            ValueKind::Seq => serde_json::to_string(&value)
                .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?,
            ValueKind::String => inert(value.as_str().unwrap_or_default()),
            _ => value.to_string(),
        };
        if !columns.contains(&column) {
            columns.push(column.clone());
        }
        cells.insert(column, text);
    }
    Ok(())
}
