//! The typed columns from the JSON beside them.

use firstpress::sandbox::Profile;

use super::{archiving, assert_equal, everything, odd, several_runs};
use crate::pipeline::Pipeline;

/// Everything that the JSON says, forgotten. Of a track that is known only from an album's list, it does not say the
/// album; which set of markets an object has is not in the JSON either.
const FORGET: &str = "
    update raw.albums set
        name = null, album_type = null, artist_ids = '{}', total_tracks = null, release_date = null,
        release_date_precision = null, released_on = null, label = null, popularity = null, upc = null,
        withheld_fields = array(select field from unnest(withheld_fields) as field where field = 'available_markets');
    update raw.album_tracks set
        disc_number = null, track_number = null, name = null, duration_ms = null, explicit = null, artist_ids = '{}';
    update raw.track_details set
        album_id = case source when 'album' then album_id end, name = 'x', duration_ms = 1, explicit = null,
        popularity = null, isrc = null, artist_ids = '{\"x\"}',
        withheld_fields = array(select field from unnest(withheld_fields) as field where field = 'available_markets');
    update raw.audio_features set
        danceability = null, energy = null, key = null, loudness = null, mode = null, speechiness = null,
        acousticness = null, instrumentalness = null, liveness = null, valence = null, tempo = null,
        duration_ms = null, time_signature = null
    where source is not null;
    update raw.artists set name = null where artist_id < 'a';
    update raw.artists set name = 'x' where artist_id >= 'a'";

async fn decodes_to_equal_tables(profile: Profile) {
    let pipeline = several_runs(archiving(odd(profile)).await).await;
    let original = everything(&pipeline.database.pool).await;

    pipeline.forget_calls().await;
    let unchanged = replay_json(&pipeline).await;
    assert_eq!(
        unchanged,
        (0, 0),
        "rows that differ from their JSON, and that cannot be decoded"
    );
    assert_equal(&original, &everything(&pipeline.database.pool).await);

    pipeline.execute(FORGET).await;
    let (changed, undecodable) = replay_json(&pipeline).await;
    let rows: i64 = pipeline
        .value(
            "select (select count(*) from raw.albums) + (select count(*) from raw.album_tracks)
                + (select count(*) from raw.track_details) + (select count(*) from raw.artists)
                + (select count(*) from raw.audio_features where source is not null)",
        )
        .await;
    assert_eq!((changed, undecodable), (rows, 0));
    assert_equal(&original, &everything(&pipeline.database.pool).await);
    assert_eq!(pipeline.calls().await, []);
}

/// Rows that changed, and rows that cannot be decoded.
async fn replay_json(pipeline: &Pipeline) -> (i64, i64) {
    let ended = pipeline.firstpress(&["replay", "--from", "json"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let count = |name: &str| ended.result[name].as_i64().unwrap();
    (count("rows"), count("undecodable"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_is_decoded_anew() {
    decodes_to_equal_tables(Profile::LegacyExtended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_app_in_development_mode_loaded_is_decoded_anew() {
    decodes_to_equal_tables(Profile::DevFeb2026).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_json_cannot_be_decoded_stays_as_it_is() {
    let pipeline = archiving(crate::pipeline::still()).await;
    pipeline.run_well().await;
    pipeline
        .execute(
            "update raw.albums set json = '{\"id\": 7}', name = 'as it was'
             where album_id = (select min(album_id) from raw.albums)",
        )
        .await;
    assert_eq!(replay_json(&pipeline).await, (0, 1));
    let kept = "select count(*) from raw.albums where name = 'as it was'";
    assert_eq!(pipeline.value::<i64>(kept).await, 1);
}
