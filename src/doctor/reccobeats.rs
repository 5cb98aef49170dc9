//! ReccoBeats.

use super::Finding;
use crate::config::{AudioFeaturesFrom, Config};
use crate::domain::SpotifyId;
use crate::reccobeats::Client;

const SUBJECT: &str = "ReccoBeats";
/// Asked for where Spotify showed no track. Whether ReccoBeats knows it makes no difference.
const ANY_TRACK: &str = "4uLU6hMCjMI75M1A2tKUQC";

/// Asks ReccoBeats for the audio features of a track, where a run would.
pub(super) async fn examine(config: &Config, track: Option<SpotifyId>) -> Finding {
    let is_only_source = match config.audio_features {
        AudioFeaturesFrom::Spotify => return Finding::ok(SUBJECT, "not used: AUDIO_FEATURES=spotify"),
        AudioFeaturesFrom::Off => return Finding::ok(SUBJECT, "not used: AUDIO_FEATURES=off"),
        AudioFeaturesFrom::Auto => false,
        AudioFeaturesFrom::ReccoBeats => true,
    };
    let tracks: Vec<SpotifyId> = track.or_else(|| ANY_TRACK.parse().ok()).into_iter().collect();
    let answer = match Client::new(&config.reccobeats) {
        Ok(client) => client
            .audio_features(&tracks)
            .await
            .map_err(|error| error.to_string()),
        Err(error) => Err(format!("cannot set up TLS: {error}")),
    };
    let remedy = "see whether this machine reaches RECCOBEATS_API_URL; tracks that wait for audio features are \
                  asked about again once it answers";
    match answer {
        Ok(_) => Finding::ok(SUBJECT, "answers"),
        Err(detail) if is_only_source => Finding::fault(SUBJECT, detail, remedy),
        Err(detail) => Finding::warning(SUBJECT, detail, remedy),
    }
}
