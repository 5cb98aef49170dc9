//! The dashboard as HTML: a page for each view, or all of them in one file that needs no other.
//!
//! A view is a file of this room with a type that holds what the view says and implements [`View`], a template in
//! `page/` of the same name that shows it, and a route in `serve`. Templates extend nothing: `page/frame.html` puts the
//! chosen one between header and footer. They find `view` (the type's fields), `query` (what the address asks for) and
//! `frame` ([`Frame`]).

mod files;

mod query;

mod freshness;

mod render;

mod top_releases;

mod audio_feature;

mod missing;

mod features;

mod choice;

mod artists;

mod calendar;

mod popularity;

mod release;

mod search;

mod pipeline;

mod report;

use serde::Serialize;
use sqlx::PgConnection;

use crate::config::Spotify;

pub use artists::Artists;
pub use calendar::Calendar;
pub use features::Features;
pub use files::{File, file};
pub use freshness::Freshness;
pub use pipeline::Pipeline;
pub use popularity::Popularity;
pub use query::Query;
pub use release::Release;
pub use render::{Frame, empty, notice, page};
pub use report::Report;
pub use search::Search;
pub use top_releases::TopReleases;

/// What pages need to know beside the database.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For the app and the day's budget of calls.
    pub spotify: Spotify,
}

/// What a page says.
pub trait View: Serialize + Sized + Send {
    /// Where its page stands: `/features`. A release's is `/releases/{album_id}`.
    const PATH: &'static str;
    /// Its template: a file of `page/`.
    const TEMPLATE: &'static str;

    /// Whether there is nothing to say before the first publication.
    const NEEDS_TABLES: bool = true;

    /// The page's heading, and its name in the browser.
    fn title(&self) -> String;

    /// Reads what the query asks for. A value that cannot be used is told to the query, which shows it at its filter.
    ///
    /// # Errors
    /// When the database fails; [`sqlx::Error::RowNotFound`] when there is no such thing as the page is about.
    fn read(db: &mut PgConnection, query: &mut Query) -> impl Future<Output = sqlx::Result<Self>> + Send;
}

/// The views of the navigation: their address and their name in it.
pub const NAVIGATION: [(&str, &str); 6] = [
    (TopReleases::PATH, "Top releases"),
    (Features::PATH, "Features"),
    (Artists::PATH, "Artists"),
    (Calendar::PATH, "Calendar"),
    (Popularity::PATH, "Popularity"),
    (Pipeline::PATH, "Pipeline"),
];
