//! One transaction's rows: encoded, sent by COPY into tables of the session, and merged from there by key.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::error::BoxDynError;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Encode, Postgres};
use uuid::Uuid;

use super::{LoadError, Loaded};
use crate::domain::{Markets, SpotifyId, first_day};
use crate::extract::{Extracted, Item, Quarantined};
use crate::postgres::copy::Rows;
use crate::spotify::{Album, AlbumTrack, Artist, AudioFeatures, Track};

/// Why a track has no audio features when Spotify answers null.
const NO_ANALYSIS: &str = "Spotify has no audio features of this track yet";

pub(super) struct Batch {
    run_id: Uuid,
    extracted_at: DateTime<Utc>,
    market_sets: HashSet<i64>,
    market_set_rows: Rows,
    albums: Rows,
    album_tracks: Rows,
    track_details: Rows,
    audio_features: Rows,
    /// Those in `artists` already, as named there.
    artists_named: HashSet<Artist>,
    artists: Rows,
    quarantine: Rows,
}

type Encoded = Result<(), BoxDynError>;

impl Batch {
    pub(super) fn new(run_id: Uuid, extracted: &[Extracted]) -> Result<Self, BoxDynError> {
        let mut batch = Self {
            run_id,
            extracted_at: Utc::now(),
            market_sets: HashSet::new(),
            market_set_rows: Rows::default(),
            albums: Rows::default(),
            album_tracks: Rows::default(),
            track_details: Rows::default(),
            audio_features: Rows::default(),
            artists_named: HashSet::new(),
            artists: Rows::default(),
            quarantine: Rows::default(),
        };
        for rows in extracted {
            if let Some((album, tracks)) = &rows.album {
                batch.add_album(album)?;
                tracks
                    .iter()
                    .try_for_each(|track| batch.add_album_track(album.fields.id, track))?;
            }
            rows.details
                .iter()
                .try_for_each(|(id, track)| batch.add_details(*id, track))?;
            let features = &mut rows.audio_features.iter();
            features.try_for_each(|(id, features)| batch.add_audio_features(*id, features.as_ref()))?;
            rows.quarantined
                .iter()
                .try_for_each(|item| batch.add_quarantined(item))?;
        }
        Ok(batch)
    }

    /// Stores the batch. When this fails, nothing of it is in the tables.
    pub(super) async fn store(
        self,
        connection: &mut PgConnection,
        loaded: &mut Loaded,
    ) -> Result<(), LoadError> {
        let run_id = self.run_id;
        let mut transaction = connection.begin().await?;
        self.copy(&mut transaction).await?;
        let merged = merge(&mut transaction, run_id).await?;
        transaction.commit().await?;
        loaded.add(&merged);
        Ok(())
    }

    async fn copy(self, connection: &mut PgConnection) -> sqlx::Result<()> {
        for (rows, statement) in [
            (self.market_set_rows, include_str!("sql/copy_market_sets.sql")),
            (self.albums, include_str!("sql/copy_albums.sql")),
            (self.album_tracks, include_str!("sql/copy_album_tracks.sql")),
            (self.track_details, include_str!("sql/copy_track_details.sql")),
            (self.audio_features, include_str!("sql/copy_audio_features.sql")),
            (self.artists, include_str!("sql/copy_artists.sql")),
            (self.quarantine, include_str!("sql/copy_quarantine.sql")),
        ] {
            rows.copy(connection, statement).await?;
        }
        Ok(())
    }

    fn add_album(&mut self, album: &Album) -> Encoded {
        let fields = &album.fields;
        let market_set_id = self.add_market_set(album.markets.as_deref())?;
        self.add_artists(&fields.artists)?;
        let run: [&dyn Encode<'_, Postgres>; 2] = [&self.run_id, &self.extracted_at];
        self.albums.push(&[
            &fields.id.as_str(),
            &fields.name,
            &fields.album_type,
            &ids(&fields.artists),
            &fields.total_tracks,
            &fields.release_date,
            &fields.release_date_precision,
            &fields.release_date.as_deref().and_then(first_day),
            &fields.label,
            &fields.popularity,
            &fields.external_ids.as_ref().and_then(|ids| ids.upc.as_deref()),
            &market_set_id,
            &album.json,
            run[0],
            run[1],
        ])
    }

    fn add_album_track(&mut self, album: SpotifyId, track: &AlbumTrack) -> Encoded {
        let fields = &track.fields;
        let market_set_id = self.add_market_set(track.markets.as_deref())?;
        self.add_artists(&fields.artists)?;
        self.album_tracks.push(&[
            &album.as_str(),
            &fields.id.as_str(),
            &fields.disc_number,
            &fields.track_number,
            &fields.name,
            &fields.duration_ms,
            &fields.explicit,
            &ids(&fields.artists),
            &market_set_id,
            &track.json,
            &self.run_id,
            &self.extracted_at,
        ])
    }

    fn add_details(&mut self, id: SpotifyId, track: &Track) -> Encoded {
        let fields = &track.fields;
        let market_set_id = self.add_market_set(track.markets.as_deref())?;
        self.add_artists(&fields.artists)?;
        self.track_details.push(&[
            &id.as_str(),
            &fields.album.as_ref().and_then(|album| album.id.as_deref()),
            &fields.name,
            &fields.duration_ms,
            &fields.explicit,
            &fields.popularity,
            &fields.external_ids.as_ref().and_then(|ids| ids.isrc.as_deref()),
            &ids(&fields.artists),
            &market_set_id,
            &track.json,
            &self.run_id,
            &self.extracted_at,
        ])
    }

    fn add_audio_features(&mut self, id: SpotifyId, features: Option<&AudioFeatures>) -> Encoded {
        let fields = features.map(|features| &features.fields);
        let (source, missing_reason) = if features.is_some() {
            (Some("spotify"), None)
        } else {
            (None, Some(NO_ANALYSIS))
        };
        self.audio_features.push(&[
            &id.as_str(),
            &source,
            &fields.and_then(|fields| fields.danceability),
            &fields.and_then(|fields| fields.energy),
            &fields.and_then(|fields| fields.key),
            &fields.and_then(|fields| fields.loudness),
            &fields.and_then(|fields| fields.mode),
            &fields.and_then(|fields| fields.speechiness),
            &fields.and_then(|fields| fields.acousticness),
            &fields.and_then(|fields| fields.instrumentalness),
            &fields.and_then(|fields| fields.liveness),
            &fields.and_then(|fields| fields.valence),
            &fields.and_then(|fields| fields.tempo),
            &fields.and_then(|fields| fields.duration_ms),
            &fields.and_then(|fields| fields.time_signature),
            &missing_reason,
            &features.map(|features| features.json.as_str()),
            &self.run_id,
            &self.extracted_at,
        ])
    }

    fn add_artists(&mut self, artists: &[Artist]) -> Encoded {
        for artist in artists {
            if self.artists_named.insert(artist.clone()) {
                self.artists.push(&[
                    &artist.id.as_str(),
                    &artist.name,
                    &self.run_id,
                    &self.extracted_at,
                ])?;
            }
        }
        Ok(())
    }

    fn add_market_set(&mut self, markets: Option<&Markets>) -> Result<Option<i64>, BoxDynError> {
        let Some(markets) = markets else { return Ok(None) };
        if self.market_sets.insert(markets.id) {
            self.market_set_rows.push(&[&markets.id, &markets.codes])?;
        }
        Ok(Some(markets.id))
    }

    fn add_quarantined(&mut self, item: &Quarantined) -> Encoded {
        let id = item
            .id
            .clone()
            .unwrap_or_else(|| digest(item.json.as_deref().unwrap_or_default()));
        // of what was undecodable in an album that is stored, nothing is asked again by itself
        let asked_again = matches!(item.item, Item::Album | Item::Track);
        self.quarantine.push(&[
            &item.item.as_str(),
            &id.replace('\0', "\u{fffd}"),
            &item.reason,
            &asked_again,
            &item.json,
            &self.run_id,
            &self.extracted_at,
        ])
    }
}

/// Merges what has been copied. The order is that of dependence: an album enters the ledger last.
async fn merge(connection: &mut PgConnection, run_id: Uuid) -> sqlx::Result<Loaded> {
    let mut counts = [0; 9];
    for (count, statement) in counts.iter_mut().zip([
        include_str!("sql/merge_albums.sql"),
        include_str!("sql/merge_album_tracks.sql"),
        include_str!("sql/merge_track_details.sql"),
        include_str!("sql/merge_audio_features.sql"),
        include_str!("sql/merge_track_popularity.sql"),
        include_str!("sql/merge_artists.sql"),
        include_str!("sql/merge_market_sets.sql"),
        include_str!("sql/merge_quarantine.sql"),
        include_str!("sql/merge_release_from_quarantine.sql"),
    ]) {
        *count = sqlx::query(statement)
            .execute(&mut *connection)
            .await?
            .rows_affected();
    }
    let known = sqlx::query(include_str!("sql/merge_ledger.sql")).bind(run_id);
    let albums = known.execute(&mut *connection).await?.rows_affected();
    let [
        _,
        album_tracks,
        track_details,
        audio_features,
        track_popularity,
        artists,
        ..,
    ] = counts;
    Ok(Loaded {
        albums,
        album_tracks,
        track_details,
        audio_features,
        track_popularity,
        artists,
        batches: 1,
    })
}

fn ids(artists: &[Artist]) -> Vec<&str> {
    artists.iter().map(|artist| artist.id.as_str()).collect()
}

fn digest(json: &str) -> String {
    Sha256::digest(json.as_bytes())
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
