//! The endpoints of the Web API that firstpress calls: each is asked once, also those that are known.

use super::Finding;
use crate::config::AudioFeaturesFrom;
use crate::domain::{Answer as Found, SpotifyId};
use crate::spotify::{Access, Album, Client, Endpoint, ListedAlbum, Page, SpotifyError};

/// After so many endpoints without an answer the others are not asked, since each takes its timeouts.
const SILENT: usize = 2;

/// What an endpoint said.
pub(super) enum Answer {
    Open,
    /// With Spotify's words.
    Closed(String),
    /// The endpoints before it showed no id to ask for.
    NothingToAskFor,
    Failed(SpotifyError),
    NotAsked,
}

/// What all of them said.
pub(super) struct Answers(Vec<(Endpoint, Answer)>);

/// The ids that the answers showed so far.
#[derive(Default)]
pub(super) struct Ids {
    pub(super) album: Option<SpotifyId>,
    pub(super) track: Option<SpotifyId>,
}

impl Answers {
    /// Asks them all, in the order of a run, until Spotify wants no more calls.
    pub(super) async fn gather(client: &Client, ids: &mut Ids) -> Self {
        let endpoints = Endpoint::ALL.into_iter();
        let mut answers = Vec::new();
        let mut silent = 0;
        let mut has_ended = false;
        for endpoint in endpoints.filter(|endpoint| *endpoint != Endpoint::Token) {
            let answer = if has_ended {
                Answer::NotAsked
            } else {
                ask(client, endpoint, ids).await
            };
            if let Answer::Failed(error) = &answer {
                silent += usize::from(is_silence(error));
                has_ended = concerns_all(error) || silent >= SILENT;
            }
            answers.push((endpoint, answer));
        }
        Self(answers)
    }

    /// Whether any endpoint said whether it is open.
    pub(super) fn are_any(&self) -> bool {
        let mut answers = self.0.iter();
        answers.any(|(_, answer)| matches!(answer, Answer::Open | Answer::Closed(_)))
    }

    pub(super) fn is_open(&self, endpoint: Endpoint) -> bool {
        let mut answers = self.0.iter();
        answers.any(|(asked, answer)| *asked == endpoint && matches!(answer, Answer::Open))
    }

    fn is_closed(&self, endpoint: Endpoint) -> bool {
        let mut answers = self.0.iter();
        answers.any(|(asked, answer)| *asked == endpoint && matches!(answer, Answer::Closed(_)))
    }

    pub(super) fn findings(&self, audio_features: AudioFeaturesFrom) -> Vec<Finding> {
        let of_one = |(endpoint, answer): &(Endpoint, Answer)| {
            let subject = endpoint.as_str();
            match answer {
                Answer::Open => Some(Finding::ok(subject, "answers")),
                Answer::Closed(words) => Some(self.closed(*endpoint, words, audio_features)),
                Answer::NothingToAskFor => Some(Finding::warning(
                    subject,
                    "not asked: no answer showed an album or track to ask for",
                    "see what the endpoints before it say",
                )),
                Answer::Failed(error) => Some(trouble(subject, error)),
                Answer::NotAsked => None,
            }
        };
        let mut findings: Vec<Finding> = self.0.iter().filter_map(of_one).collect();
        findings.extend(self.not_asked());
        findings
    }

    fn not_asked(&self) -> Option<Finding> {
        let answers = self.0.iter();
        let left: Vec<&str> = answers
            .filter(|(_, answer)| matches!(answer, Answer::NotAsked))
            .map(|(endpoint, _)| endpoint.as_str())
            .collect();
        (!left.is_empty()).then(|| {
            Finding::warning(
                "other endpoints",
                format!("not asked, for the same reason: {}", left.join(", ")),
                "see to that first, then run `firstpress doctor` again",
            )
        })
    }

    fn closed(&self, endpoint: Endpoint, words: &str, audio_features: AudioFeaturesFrom) -> Finding {
        let subject = endpoint.as_str();
        if endpoint == Endpoint::AudioFeatures && audio_features == AudioFeaturesFrom::Spotify {
            return Finding::warning(
                subject,
                format!("closed to this app ({words}); AUDIO_FEATURES=spotify asks nobody else"),
                "set AUDIO_FEATURES=auto, so that ReccoBeats is asked",
            );
        }
        match self.next_way(endpoint, audio_features) {
            Ok(way) => Finding::ok(
                subject,
                format!("closed to this app ({words}); firstpress takes the next way: {way}"),
            ),
            Err(loss) => Finding::fault(
                subject,
                format!("closed to this app ({words}), and there is no other way: {loss}"),
                "look at the app's settings at https://developer.spotify.com/dashboard, or use another app",
            ),
        }
    }

    /// The way that a run takes past a closed endpoint, or what it cannot do.
    fn next_way(
        &self,
        endpoint: Endpoint,
        audio_features: AudioFeaturesFrom,
    ) -> Result<&'static str, &'static str> {
        let unless_closed = |other, way, loss| if self.is_closed(other) { Err(loss) } else { Ok(way) };
        match endpoint {
            Endpoint::NewReleases => unless_closed(
                Endpoint::Search,
                "a search for albums of the last two weeks",
                "new releases cannot be found",
            ),
            Endpoint::Search => unless_closed(
                Endpoint::NewReleases,
                "the list of new releases, which comes first",
                "new releases cannot be found",
            ),
            Endpoint::Albums => unless_closed(Endpoint::Album, "one album a call", "albums cannot be loaded"),
            Endpoint::Album => unless_closed(
                Endpoint::Albums,
                "several albums a call",
                "albums cannot be loaded",
            ),
            Endpoint::AlbumTracks => Err("albums of more than 50 tracks cannot be loaded"),
            Endpoint::SearchOverTen => Ok("ten albums a page"),
            Endpoint::Tracks => {
                Ok("the tracks that albums list; their ISRCs by /tracks/{id}, as the budget allows")
            }
            Endpoint::Track => Ok("several tracks a call; where that is closed too, ISRCs stay unknown"),
            Endpoint::AudioFeatures => Ok(match audio_features {
                AudioFeaturesFrom::Off => "none, since AUDIO_FEATURES is off",
                _ => "ReccoBeats",
            }),
            Endpoint::Token => Ok(""),
        }
    }
}

async fn ask(client: &Client, endpoint: Endpoint, ids: &mut Ids) -> Answer {
    match question(client, endpoint, ids).await {
        None => Answer::NothingToAskFor,
        Some(Err(SpotifyError::Forbidden { message, .. })) => {
            Answer::Closed(message.unwrap_or_else(|| "403 without a message".to_owned()))
        }
        Some(Err(error)) => Answer::Failed(error),
        // the search with too high a limit is refused without an error
        Some(Ok(())) if client.access(endpoint) == Access::Closed => {
            let reason = client.known().capabilities.remove(&endpoint);
            Answer::Closed(reason.and_then(|known| known.reason).unwrap_or_default())
        }
        Some(Ok(())) => Answer::Open,
    }
}

/// One call, as a run makes it, with as few ids as possible. `None` where there is none to ask for.
async fn question(client: &Client, endpoint: Endpoint, ids: &mut Ids) -> Option<Result<(), SpotifyError>> {
    Some(match endpoint {
        Endpoint::Token => client.authorize().await,
        Endpoint::NewReleases => client.new_releases(0).await.map(|page| ids.listed(&page)),
        Endpoint::Search => client.search_new(0).await.map(|page| ids.listed(&page)),
        Endpoint::SearchOverTen => client.learn_mode().await,
        Endpoint::Albums => client.albums(&[ids.album?]).await.map(|answers| {
            answers.iter().for_each(|(_, album)| ids.of_album(album));
        }),
        Endpoint::Album => client.album(ids.album?).await.map(|album| ids.of_album(&album)),
        Endpoint::AlbumTracks => client.album_tracks(ids.album?, 0).await.map(|page| {
            ids.track = ids.track.or(page.items.first().map(|track| track.fields.id));
        }),
        Endpoint::Tracks => client.tracks(&[ids.track?]).await.map(drop),
        Endpoint::Track => client.track(ids.track?).await.map(drop),
        Endpoint::AudioFeatures => client.audio_features(&[ids.track?]).await.map(drop),
    })
}

impl Ids {
    fn listed(&mut self, page: &Page<ListedAlbum>) {
        self.album = self.album.or(page.items.first().map(|album| album.id));
    }

    fn of_album(&mut self, album: &Found<Album>) {
        if let Found::Found(album) = album {
            let tracks = &album.tracks.items;
            self.track = self.track.or(tracks.first().map(|track| track.fields.id));
        }
    }
}

fn is_silence(error: &SpotifyError) -> bool {
    matches!(
        error,
        SpotifyError::NoAnswer { .. } | SpotifyError::ServerError { .. }
    )
}

/// Whether every other endpoint would say the same.
fn concerns_all(error: &SpotifyError) -> bool {
    !is_silence(error) && !matches!(error, SpotifyError::Rejected { .. })
}

/// What an error means for the next run, and what mends it.
pub(super) fn trouble(subject: &str, error: &SpotifyError) -> Finding {
    let fault = |remedy: &str| Finding::fault(subject, error.to_string(), remedy);
    match error {
        SpotifyError::InvalidClient(words) => Finding::fault(
            subject,
            format!("Spotify refused the client id or secret ({words})"),
            "copy both again from the app's settings at https://developer.spotify.com/dashboard into \
             SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET",
        ),
        SpotifyError::PremiumRequired(words) => Finding::fault(
            "Premium",
            format!(
                "Spotify answers only while the app's owner holds Premium ({words}); no endpoint is closed for good"
            ),
            "renew the owner's subscription",
        ),
        SpotifyError::Postponed { not_before, .. } => Finding::warning(
            subject,
            error.to_string(),
            format!(
                "start no run before {}",
                not_before.format("%Y-%m-%d %H:%M:%S UTC")
            ),
        ),
        SpotifyError::BudgetSpent { .. } => Finding::warning(
            "budget",
            error.to_string(),
            "wait until then, or raise SPOTIFY_DAILY_BUDGET if Spotify's quota for the app is higher",
        ),
        SpotifyError::Token(_) => fault("see whether SPOTIFY_TOKEN_URL leads to Spotify"),
        SpotifyError::Unauthorized(_) => {
            fault("see whether SPOTIFY_TOKEN_URL and SPOTIFY_API_URL belong together")
        }
        SpotifyError::Ledger(_) => fault("see to the database"),
        SpotifyError::ServerError { .. } | SpotifyError::RateLimited { .. } => {
            fault("wait: a run that fails meanwhile loses nothing, and the next one goes on")
        }
        SpotifyError::NoAnswer { .. } => fault(
            "see whether that address is right and this machine reaches it: DNS, proxy, firewall, certificates",
        ),
        SpotifyError::Rejected { .. } | SpotifyError::Forbidden { .. } => {
            fault("see whether SPOTIFY_API_URL and SPOTIFY_MARKET are right")
        }
    }
}
