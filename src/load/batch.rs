//! One transaction's rows, encoded for COPY.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::error::BoxDynError;
use sqlx::{Encode, Postgres};
use uuid::Uuid;

use crate::domain::{AudioFeatures, Markets, SpotifyId, first_day};
use crate::extract::{AskAgain, Extracted, Item, Missing, Quarantined};
use crate::postgres::copy::Rows;
use crate::spotify::{Album, AlbumTrack, Artist, Track};

pub(super) struct Batch {
    pub(super) run_id: Uuid,
    pub(super) extracted_at: DateTime<Utc>,
    pub(super) album_ids: HashSet<SpotifyId>,
    pub(super) albums: Rows,
    pub(super) album_tracks: Rows,
    pub(super) details_ids: HashSet<SpotifyId>,
    pub(super) track_details: Rows,
    pub(super) track_popularity: Rows,
    pub(super) audio_features: Rows,
    market_set_ids: HashSet<i64>,
    pub(super) market_sets: Rows,
    /// Those in `artists` already, as named there.
    artists_named: HashSet<Artist>,
    pub(super) artists: Rows,
    pub(super) quarantine: Rows,
}

/// Characters of an id that an index can hold. Spotify's have 22; what is longer is no id.
const LONGEST_ID: usize = 100;

type Encoded = Result<(), BoxDynError>;

impl Batch {
    pub(super) fn new(run_id: Uuid, extracted: &[Extracted]) -> Result<Self, BoxDynError> {
        let mut batch = Self {
            run_id,
            extracted_at: Utc::now(),
            album_ids: HashSet::new(),
            albums: Rows::default(),
            album_tracks: Rows::default(),
            details_ids: HashSet::new(),
            track_details: Rows::default(),
            track_popularity: Rows::default(),
            audio_features: Rows::default(),
            market_set_ids: HashSet::new(),
            market_sets: Rows::default(),
            artists_named: HashSet::new(),
            artists: Rows::default(),
            quarantine: Rows::default(),
        };
        for rows in extracted {
            if let Some((album, tracks)) = rows.album.as_deref() {
                batch.add_album(album, tracks)?;
            }
            rows.details
                .iter()
                .try_for_each(|(id, track)| batch.add_details(*id, track))?;
            let features = &mut rows.audio_features.iter();
            features.try_for_each(|(id, features)| batch.add_audio_features(*id, features))?;
            rows.quarantined
                .iter()
                .try_for_each(|item| batch.add_quarantined(item))?;
        }
        Ok(batch)
    }

    pub(super) fn add_album(&mut self, album: &Album, tracks: &[AlbumTrack]) -> Encoded {
        let fields = &album.fields;
        if !self.album_ids.insert(fields.id) {
            return Ok(());
        }
        tracks
            .iter()
            .try_for_each(|track| self.add_album_track(fields.id, track))?;
        let market_set_id = self.add_market_set(album.markets.as_deref())?;
        self.add_artists(&fields.artists)?;
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
            &album.withheld,
            &album.json,
            &self.run_id,
            &self.extracted_at,
        ])
    }

    pub(super) fn add_album_track(&mut self, album: SpotifyId, track: &AlbumTrack) -> Encoded {
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

    pub(super) fn add_details(&mut self, id: SpotifyId, track: &Track) -> Encoded {
        let fields = &track.fields;
        if !self.details_ids.insert(id) {
            return Ok(());
        }
        if let Some(popularity) = fields.popularity {
            let today = self.extracted_at.date_naive();
            let reading: [&dyn Encode<'_, Postgres>; 5] = [
                &id.as_str(),
                &today,
                &popularity,
                &self.run_id,
                &self.extracted_at,
            ];
            self.track_popularity.push(&reading)?;
        }
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
            &track.source.as_str(),
            &track.withheld,
            &track.json,
            &self.run_id,
            &self.extracted_at,
        ])
    }

    pub(super) fn add_audio_features(
        &mut self,
        id: SpotifyId,
        answer: &Result<AudioFeatures, Missing>,
    ) -> Encoded {
        let (features, missing) = (answer.as_ref().ok(), answer.as_ref().err());
        let fields = features.map(|features| &features.fields);
        let source = features.map(|features| features.source.as_str());
        let ask_again = missing.map(|missing| missing.ask_again);
        let attempts = i32::from(matches!(ask_again, None | Some(AskAgain::LaterEachTime)));
        let in_an_hour =
            (ask_again == Some(AskAgain::InAnHour)).then(|| self.extracted_at + TimeDelta::hours(1));
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
            &missing.map(|missing| missing.reason.as_str()),
            &attempts,
            &in_an_hour,
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
        if self.market_set_ids.insert(markets.id) {
            self.market_sets.push(&[&markets.id, &markets.codes])?;
        }
        Ok(Some(markets.id))
    }

    fn add_quarantined(&mut self, item: &Quarantined) -> Encoded {
        let id = match &item.id {
            Some(id) if id.chars().count() <= LONGEST_ID => id.clone(),
            Some(endless) => digest(endless),
            None => digest(item.json.as_deref().unwrap_or_default()),
        };
        let first_retry = match item.item {
            Item::Album | Item::Track if item.may_pass => Some(TimeDelta::hours(1)),
            Item::Album | Item::Track => Some(TimeDelta::days(1)),
            // of what was undecodable in an album that is stored, nothing is asked again by itself
            Item::AlbumTrack | Item::AudioFeatures => None,
        };
        self.quarantine.push(&[
            &item.item.as_str(),
            &id.replace('\0', "\u{fffd}"),
            &item.endpoint,
            &item.reason,
            &first_retry,
            &item.json,
            &self.run_id,
            &self.extracted_at,
        ])
    }
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
