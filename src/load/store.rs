//! One batch in one transaction.
//!
//! What only a complete album brings (itself, its tracks, their details) replaces the rows of the same keys by
//! COPY straight into the tables. What albums share lands in tables of the session and is merged by key.

use std::collections::HashSet;

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Postgres};

use super::batch::Batch;
use super::{LoadError, Loaded};
use crate::domain::SpotifyId;

impl Batch {
    /// Stores the batch. When this fails, nothing of it is in the tables.
    pub(super) async fn store(self, connection: &mut PgConnection) -> Result<Loaded, LoadError> {
        let mut transaction = connection.begin().await?;
        sqlx::raw_sql(include_str!("sql/begin.sql"))
            .execute(&mut *transaction)
            .await?;
        let (album_ids, details_ids) = (texts(&self.album_ids), texts(&self.details_ids));
        let keys = |statement| {
            sqlx::query::<Postgres>(statement)
                .bind(&album_ids)
                .bind(&details_ids)
        };
        keys(include_str!("sql/make_way.sql"))
            .execute(&mut *transaction)
            .await?;
        let run_id = self.run_id;
        let stored = self.copy_and_merge(&mut transaction).await?;
        keys(include_str!("sql/release_from_quarantine.sql"))
            .execute(&mut *transaction)
            .await?;
        let known = sqlx::query(include_str!("sql/enter_ledger.sql"))
            .bind(&album_ids)
            .bind(run_id);
        let albums = known.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(Loaded {
            albums,
            batches: 1,
            ..stored
        })
    }

    async fn copy_and_merge(self, connection: &mut PgConnection) -> sqlx::Result<Loaded> {
        self.albums
            .copy(connection, include_str!("sql/copy_albums.sql"))
            .await?;
        let album_tracks = self
            .album_tracks
            .copy(connection, include_str!("sql/copy_album_tracks.sql"))
            .await?;
        let track_details = self
            .track_details
            .copy(connection, include_str!("sql/copy_track_details.sql"))
            .await?;
        let mut merged = [0; 5];
        for (count, (rows, copy, merge)) in merged.iter_mut().zip([
            (
                self.audio_features,
                include_str!("sql/copy_audio_features.sql"),
                include_str!("sql/merge_audio_features.sql"),
            ),
            (
                self.track_popularity,
                include_str!("sql/copy_track_popularity.sql"),
                include_str!("sql/merge_track_popularity.sql"),
            ),
            (
                self.artists,
                include_str!("sql/copy_artists.sql"),
                include_str!("sql/merge_artists.sql"),
            ),
            (
                self.market_sets,
                include_str!("sql/copy_market_sets.sql"),
                include_str!("sql/merge_market_sets.sql"),
            ),
            (
                self.quarantine,
                include_str!("sql/copy_quarantine.sql"),
                include_str!("sql/merge_quarantine.sql"),
            ),
        ]) {
            if rows.copy(connection, copy).await? > 0 {
                *count = sqlx::query(merge)
                    .execute(&mut *connection)
                    .await?
                    .rows_affected();
            }
        }
        let [audio_features, track_popularity, artists, ..] = merged;
        Ok(Loaded {
            album_tracks,
            track_details,
            audio_features,
            track_popularity,
            artists,
            ..Loaded::default()
        })
    }
}

fn texts(ids: &HashSet<SpotifyId>) -> Vec<String> {
    ids.iter().map(SpotifyId::to_string).collect()
}
