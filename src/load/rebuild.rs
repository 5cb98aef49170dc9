//! Rebuild: the typed columns of the raw tables from the JSON beside them, by the decoders that read Spotify's answers.
//! So a decoder that was mended, or that has a new column, is applied to what was loaded before.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde::Serialize;
use sqlx::FromRow;
use sqlx::postgres::{PgConnection, PgPool};
use uuid::Uuid;

use super::LoadError;
use super::batch::Batch;
use crate::domain::{FeaturesSource, SpotifyId};
use crate::reccobeats;
use crate::spotify::{KeptDecoder, KeptObject};

/// Rows that are decoded before they are sent.
const ROWS: usize = 500;

/// What became of the raw tables.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Rebuilt {
    /// Rows that differed from what their JSON says.
    pub rows: u64,
    /// Rows whose JSON cannot be decoded; they are as they were.
    pub undecodable: u64,
}

/// Rebuilds them in a transaction of the caller's, on a connection other than those of `db`.
///
/// # Errors
/// When the database fails; then the transaction is to be rolled back.
pub async fn rebuild(db: &PgPool, connection: &mut PgConnection) -> Result<Rebuilt, LoadError> {
    for statement in [
        include_str!("sql/stage.sql"),
        include_str!("sql/stage_rebuilt.sql"),
    ] {
        sqlx::raw_sql(statement).execute(&mut *connection).await?;
    }
    let mut rebuilder = Rebuilder {
        db,
        connection,
        decoder: KeptDecoder::default(),
        undecodable: 0,
    };
    rebuilder
        .decode(include_str!("sql/kept_albums.sql"), album)
        .await?;
    let tracks = include_str!("sql/kept_album_tracks.sql");
    rebuilder.decode(tracks, album_track).await?;
    rebuilder
        .decode(include_str!("sql/kept_track_details.sql"), details)
        .await?;
    let features = include_str!("sql/kept_audio_features.sql");
    rebuilder.decode(features, audio_features).await?;
    rebuilder.apply().await
}

/// A row of a raw table, as far as it is not rebuilt.
#[derive(FromRow)]
struct KeptRow {
    /// The album's or the track's.
    id: String,
    /// The album on which a track was found.
    album_id: Option<String>,
    source: Option<String>,
    json: String,
    markets: Option<String>,
    markets_withheld: bool,
    run_id: Uuid,
    extracted_at: DateTime<Utc>,
}

impl KeptRow {
    fn object(&self) -> KeptObject<'_> {
        KeptObject {
            json: &self.json,
            markets: self.markets.as_deref(),
            markets_withheld: self.markets_withheld,
        }
    }
}

type Decoded = Result<(), sqlx::error::BoxDynError>;

fn album(decoder: &KeptDecoder, row: &KeptRow, batch: &mut Batch) -> Decoded {
    batch.add_album(&decoder.album(row.object())?, &[])
}

fn album_track(decoder: &KeptDecoder, row: &KeptRow, batch: &mut Batch) -> Decoded {
    let album: SpotifyId = row.album_id.as_deref().unwrap_or_default().parse()?;
    batch.add_album_track(album, &decoder.album_track(row.object())?)
}

fn details(decoder: &KeptDecoder, row: &KeptRow, batch: &mut Batch) -> Decoded {
    let track = match row.source.as_deref() {
        Some("album") => {
            let album = row.album_id.as_deref().unwrap_or_default().parse()?;
            decoder.album_track(row.object())?.as_details(album)
        }
        _ => decoder.track(row.object())?,
    };
    batch.add_details(row.id.parse()?, &track)
}

fn audio_features(decoder: &KeptDecoder, row: &KeptRow, batch: &mut Batch) -> Decoded {
    let features = if row.source.as_deref() == Some(FeaturesSource::ReccoBeats.as_str()) {
        reccobeats::decode(&row.json)?
    } else {
        decoder.audio_features(&row.json)?
    };
    batch.add_audio_features(row.id.parse()?, &Ok(features))
}

struct Rebuilder<'a> {
    db: &'a PgPool,
    connection: &'a mut PgConnection,
    decoder: KeptDecoder,
    undecodable: u64,
}

impl Rebuilder<'_> {
    /// Decodes the rows of a table, the latest first, into the tables of the session.
    async fn decode(
        &mut self,
        query: &'static str,
        add: impl Fn(&KeptDecoder, &KeptRow, &mut Batch) -> Decoded,
    ) -> Result<(), LoadError> {
        let mut rows = sqlx::query_as::<_, KeptRow>(query).fetch(self.db);
        let mut batch = Batch::new(Uuid::nil(), &[])?;
        let mut decoded = 0;
        while let Some(row) = rows.try_next().await? {
            // the artists that are named in it were named then
            (batch.run_id, batch.extracted_at) = (row.run_id, row.extracted_at);
            if let Err(error) = add(&self.decoder, &row, &mut batch) {
                self.undecodable += 1;
                tracing::warn!(
                    id = row.id,
                    "{} stays as it is: its JSON cannot be decoded: {error}",
                    row.id
                );
            }
            decoded += 1;
            if decoded % ROWS == 0 {
                let full = std::mem::replace(&mut batch, Batch::new(Uuid::nil(), &[])?);
                full.stage_rebuilt(self.connection).await?;
            }
        }
        batch.stage_rebuilt(self.connection).await?;
        Ok(())
    }

    async fn apply(self) -> Result<Rebuilt, LoadError> {
        let mut rebuilt = Rebuilt {
            rows: 0,
            undecodable: self.undecodable,
        };
        for statement in [
            include_str!("sql/merge_market_sets.sql"),
            include_str!("sql/rebuild_albums.sql"),
            include_str!("sql/rebuild_album_tracks.sql"),
            include_str!("sql/rebuild_track_details.sql"),
            include_str!("sql/rebuild_audio_features.sql"),
            include_str!("sql/rebuild_artists.sql"),
        ] {
            let done = sqlx::query(statement).execute(&mut *self.connection).await?;
            rebuilt.rows += done.rows_affected();
        }
        Ok(rebuilt)
    }
}

impl Batch {
    async fn stage_rebuilt(self, connection: &mut PgConnection) -> sqlx::Result<()> {
        for (rows, copy) in [
            (self.albums, include_str!("sql/copy_rebuilt_albums.sql")),
            (
                self.album_tracks,
                include_str!("sql/copy_rebuilt_album_tracks.sql"),
            ),
            (
                self.track_details,
                include_str!("sql/copy_rebuilt_track_details.sql"),
            ),
            (self.audio_features, include_str!("sql/copy_audio_features.sql")),
            (self.artists, include_str!("sql/copy_artists.sql")),
            (self.market_sets, include_str!("sql/copy_market_sets.sql")),
        ] {
            rows.copy(connection, copy).await?;
        }
        Ok(())
    }
}
