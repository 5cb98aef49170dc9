//! Oddities of the real API, each met by a whole run: what a user then finds in the tables.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use firstpress::sandbox::{Options, Quirk, Sandbox};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::pipeline::{Pipeline, still};

/// The rows of each table, without what differs from run to run and without the kept JSON, whose links name
/// the sandbox's port.
pub(crate) type Tables = BTreeMap<String, Vec<Value>>;

/// Meets each case, `threads` of them at a time. Each thread has a runtime of its own: dropping a database
/// blocks one, and Postgres waits with that for every backend that is writing to another.
pub(crate) fn side_by_side<T: Sync>(threads: usize, cases: &[T], meet: impl AsyncFn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(meet(case));
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
}

/// What the tables hold after a run.
pub(crate) async fn tables(pipeline: &Pipeline) -> Tables {
    let row = |line: &str| rounded(serde_json::from_str(line).unwrap());
    let rows = |text: String| text.lines().map(row).collect();
    let content = pipeline
        .content()
        .await
        .into_iter()
        .map(|(table, text)| (table, rows(text)))
        .collect();
    without(content, &["json"])
}

/// Floats to nine digits: the last ones of a sum depend on the order in which its rows were loaded.
fn rounded(mut row: Value) -> Value {
    for value in row.as_object_mut().unwrap().values_mut() {
        if let Some(float) = value.as_f64().filter(|float| float.fract() != 0.0) {
            *value = json!(format!("{float:.8e}").parse::<f64>().unwrap());
        }
    }
    row
}

/// What they hold after a run that nothing disturbs, over the catalogue of [`still`].
pub(crate) async fn undisturbed() -> Tables {
    static TABLES: OnceCell<Tables> = OnceCell::const_new();
    let run = || async {
        let pipeline = Pipeline::new(still()).await;
        pipeline.run_well().await;
        tables(&pipeline).await
    };
    TABLES.get_or_init(run).await.clone()
}

/// The tables without some columns.
pub(crate) fn without(mut tables: Tables, columns: &[&str]) -> Tables {
    for rows in tables.values_mut() {
        for row in rows.iter_mut() {
            row.as_object_mut()
                .unwrap()
                .retain(|column, _| !columns.contains(&column.as_str()));
        }
        rows.sort_by_cached_key(Value::to_string);
    }
    tables
}

/// Compares table by table, so that a difference can be read.
pub(crate) fn assert_same(tables: &Tables, expected: &Tables, case: &str) {
    assert!(tables.keys().eq(expected.keys()), "{case}: {:?}", tables.keys());
    for (table, rows) in expected {
        let missing: Vec<&Value> = rows
            .iter()
            .filter(|row| !tables[table].contains(row))
            .take(2)
            .collect();
        let more: Vec<&Value> = tables[table]
            .iter()
            .filter(|row| !rows.contains(row))
            .take(2)
            .collect();
        assert!(
            missing.is_empty() && more.is_empty(),
            "{case}, {table}: without {missing:?}, but with {more:?}"
        );
        assert_eq!(tables[table].len(), rows.len(), "{case}, {table}");
    }
}

fn with(quirk: Quirk) -> Options {
    Options {
        quirks: vec![quirk],
        ..still()
    }
}

/// Another sandbox from now on, over the same database.
pub(crate) async fn served_by(mut pipeline: Pipeline, options: Options) -> Pipeline {
    pipeline.sandbox = Sandbox::start(options, "127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let [api, token] = [
        &pipeline.sandbox.spotify_api_url,
        &pipeline.sandbox.spotify_token_url,
    ]
    .map(ToString::to_string);
    pipeline
        .with("SPOTIFY_API_URL", &api)
        .with("SPOTIFY_TOKEN_URL", &token)
}

/// An oddity that changes some columns and nothing else.
struct Oddity {
    quirk: Quirk,
    /// Counts rows that show it; there must be some.
    shows: &'static str,
    /// Columns that may differ from those of an undisturbed run.
    may_differ: &'static [&'static str],
}

/// Columns that follow from the type of an album.
const TYPES: [&str; 6] = [
    "album_type",
    "release_type",
    "albums",
    "singles",
    "eps",
    "compilations",
];

const ODDITIES: [Oddity; 12] = [
    Oddity {
        quirk: Quirk::FloatInts,
        shows: "select count(*) from raw.albums where json ~ '\"popularity\":[0-9]+\\.0'",
        may_differ: &[],
    },
    Oddity { quirk: Quirk::Locale, shows: "select count(*) from raw.albums", may_differ: &[] },
    Oddity { quirk: Quirk::TotalDrift, shows: "select count(*) from raw.albums", may_differ: &[] },
    Oddity {
        quirk: Quirk::EmptyImages,
        shows: "select count(*) from raw.albums where json::jsonb -> 'images' = '[]'",
        may_differ: &[],
    },
    Oddity {
        quirk: Quirk::UpperType,
        shows: "select count(*) from raw.albums inner join core.dim_album using (album_id)
            where albums.album_type = upper(albums.album_type) and dim_album.album_type = lower(albums.album_type)",
        may_differ: &["album_type"],
    },
    Oddity {
        quirk: Quirk::NullType,
        shows: "select count(*) from raw.albums inner join core.dim_album using (album_id)
            where albums.album_type is null and dim_album.album_type is null",
        may_differ: &TYPES,
    },
    Oddity {
        quirk: Quirk::EmptyName,
        shows: "select count(*) from raw.albums inner join core.dim_album using (album_id)
            where albums.name = '' and dim_album.album_name is null",
        may_differ: &["name", "album_name", "track_name"],
    },
    Oddity {
        quirk: Quirk::NulCharacter,
        shows: "select count(*) from raw.albums where name like '%\u{fffd}'
            and json::jsonb ->> 'name' = name",
        may_differ: &["name", "album_name", "track_name"],
    },
    Oddity {
        quirk: Quirk::NoIsrc,
        shows: "select count(*) from raw.track_details where isrc is null",
        may_differ: &["isrc", "isrc_missing_reason"],
    },
    Oddity {
        quirk: Quirk::MarketsEmpty,
        shows: "select count(*) from raw.albums inner join raw.market_sets using (market_set_id) where markets = ''",
        may_differ: &["market_set_id", "markets"],
    },
    Oddity {
        quirk: Quirk::WrongTotalTracks,
        shows: "select count(*) from raw.albums where total_tracks
            = 2 + (select count(*) from raw.album_tracks where album_tracks.album_id = albums.album_id)",
        may_differ: &["total_tracks", "release_type", "singles", "eps"],
    },
    Oddity {
        quirk: Quirk::DuplicateTrackOnAlbum,
        shows: "select count(*) from raw.albums where total_tracks
            = 1 + (select count(*) from raw.album_tracks where album_tracks.album_id = albums.album_id)",
        may_differ: &["total_tracks", "release_type", "singles", "eps"],
    },
];

#[test]
fn an_oddity_changes_what_it_touches_and_nothing_else() {
    let meet = async |oddity: &Oddity| {
        let case = format!("{:?}", oddity.quirk);
        let pipeline = Pipeline::new(with(oddity.quirk)).await;
        let ended = pipeline.run().await;
        assert_eq!(ended.code, Some(0), "{case}: {}", ended.stderr);
        assert_ne!(
            pipeline.value::<i64>(oddity.shows).await,
            0,
            "{case} does not show"
        );
        let [mut met, mut expected] =
            [tables(&pipeline).await, undisturbed().await].map(|tables| without(tables, oddity.may_differ));
        if oddity.quirk == Quirk::MarketsEmpty {
            // the empty set comes to the others, or in place of one
            let _ = (met.remove("raw.market_sets"), expected.remove("raw.market_sets"));
        }
        assert_same(&met, &expected, &case);
    };
    side_by_side(3, &ODDITIES, meet);
}

#[tokio::test]
async fn audio_features_written_as_integers_are_the_same_numbers() {
    let pipeline = Pipeline::new(with(Quirk::IntFloats)).await;
    pipeline.run_well().await;
    let integers: i64 = pipeline
        .value("select count(*) from raw.audio_features where json ~ '\"instrumentalness\":0,'")
        .await;
    assert_ne!(integers, 0);

    // the quirk makes every tempo whole; everything else must be as it is without
    let plain = Pipeline::new(still()).await;
    plain.run_well().await;
    plain
        .execute("update raw.audio_features set tempo = round(tempo::numeric)")
        .await;
    assert_eq!(plain.firstpress(&["transform"]).await.code, Some(0));
    assert_same(&tables(&pipeline).await, &tables(&plain).await, "IntFloats");
}

#[tokio::test]
async fn nulls_in_pages_are_passed_over_and_counted() {
    let pipeline = Pipeline::new(with(Quirk::NullItems)).await;
    let report = pipeline.run_well().await;
    let in_list: i64 = pipeline
        .value("select (detail ->> 'nulls')::bigint from ops.run_steps where step = 'discover'")
        .await;
    assert!(in_list > 0);
    assert_eq!(report["loaded"]["albums"], json!(60 - in_list));
    let of_tracks: i64 = pipeline
        .value("select (detail ->> 'null_tracks')::bigint from ops.run_steps where step = 'fetch'")
        .await;
    assert!(of_tracks > 0);
    let missing: i64 = pipeline
        .value(
            "select (select sum(total_tracks) from raw.albums)::bigint - (select count(*) from raw.album_tracks)",
        )
        .await;
    assert_eq!(of_tracks, missing);
}

#[tokio::test]
async fn an_id_that_spotify_answers_with_null_is_asked_about_again_when_due() {
    let pipeline = Pipeline::new(with(Quirk::NullInArrays)).await;
    let report = pipeline.run_well().await;
    const ALBUMS: &str = "select item_id from raw.quarantine where item_type = 'album' order by 1";
    let albums: Vec<String> = pipeline.column(ALBUMS).await;
    assert!(!albums.is_empty());
    assert_eq!(
        report["loaded"]["albums"],
        json!(60 - albums.len()),
        "the others are loaded"
    );
    let due: i64 = pipeline
        .value(
            "select count(*) from raw.quarantine where item_type in ('album', 'track') and reason like '%null%'
             and retry_at between now() + interval '23 hours' and now() + interval '25 hours'",
        )
        .await;
    assert_eq!(
        report["quarantined"],
        json!(due),
        "every null has a reason and a date"
    );
    let nulls_as_features: i64 = pipeline
        .value(
            "select count(*) from raw.audio_features
             where source is not null and danceability is null or source is null and missing_reason is null",
        )
        .await;
    assert_eq!(nulls_as_features, 0);

    pipeline.forget_calls().await;
    pipeline.run_well().await;
    for endpoint in ["albums", "tracks", "audio-features"] {
        assert_eq!(
            pipeline.calls_to(endpoint).await,
            0,
            "{endpoint} is asked before it is due"
        );
    }

    let pipeline = served_by(pipeline, still()).await;
    pipeline
        .execute("update raw.quarantine set retry_at = now()")
        .await;
    pipeline
        .execute("update raw.audio_features set retry_at = now() where source is null")
        .await;
    let report = pipeline.run_well().await;
    assert_eq!(report["loaded"]["albums"], json!(albums.len()));
    assert_eq!(
        pipeline
            .column::<String>("select item_id from raw.quarantine")
            .await,
        [""; 0]
    );
    let asked_again = ["attempts", "list_position"];
    let [met, expected] =
        [tables(&pipeline).await, undisturbed().await].map(|tables| without(tables, &asked_again));
    assert_same(&met, &expected, "NullInArrays, when all have arrived");
}

#[tokio::test]
async fn an_album_that_stays_null_waits_longer_each_time() {
    let pipeline = Pipeline::new(with(Quirk::NullInArrays)).await;
    pipeline.run_well().await;
    let nulls: i64 = pipeline
        .value("select count(*) from raw.quarantine where item_type = 'album'")
        .await;
    pipeline
        .execute("update raw.quarantine set retry_at = now() where item_type = 'album'")
        .await;
    pipeline.forget_calls().await;
    pipeline.run_well().await;
    assert_eq!(pipeline.calls_to("albums").await, 1, "asked once when due");
    let waiting: i64 = pipeline
        .value(
            "select count(*) from raw.quarantine where item_type = 'album' and attempts = 2
             and retry_at between now() + interval '47 hours' and now() + interval '49 hours'",
        )
        .await;
    assert_eq!(waiting, nulls);
}

#[test]
fn a_release_without_a_date_is_loaded_but_stands_in_no_week() {
    let meet = async |&(quirk, text): &(Quirk, Option<&str>)| {
        let pipeline = Pipeline::new(with(quirk)).await;
        let report = pipeline.run_well().await;
        assert_eq!(report["loaded"]["albums"], 60, "{quirk:?}");
        let undated: Vec<Option<String>> = pipeline
            .column("select distinct release_date from raw.albums where released_on is null")
            .await;
        assert_eq!(undated, [text.map(str::to_owned)], "{quirk:?}");
        let in_weeks: i64 = pipeline
            .value(
                "select count(*) from raw.albums where released_on is null and (
                    album_id in (select album_id from trends.weekly_top_releases)
                    or album_id in (select album_id from trends.popularity_trajectory)
                    or album_id not in (select album_id from core.dim_album)
                 )",
            )
            .await;
        assert_eq!(in_weeks, 0, "{quirk:?}");
        let counted: i64 = pipeline
            .value("select sum(releases)::bigint from trends.release_calendar")
            .await;
        let dated: i64 = pipeline
            .value("select count(*) from raw.albums where released_on is not null and release_date_precision = 'day'")
            .await;
        assert_eq!(counted, dated, "{quirk:?}");
    };
    side_by_side(
        2,
        &[(Quirk::Date0000, Some("0000")), (Quirk::NullDate, None)],
        meet,
    );
}

#[tokio::test]
async fn without_the_removed_fields_the_tables_are_built_and_say_how_they_rank() {
    let pipeline = Pipeline::new(with(Quirk::RemovedFields)).await;
    pipeline.run_well().await;
    let kept: i64 = pipeline
        .value("select count(label) + count(popularity) + count(market_set_id) + count(upc) from raw.albums")
        .await;
    let of_tracks: i64 = pipeline
        .value("select count(popularity) + count(isrc) + count(market_set_id) from raw.track_details")
        .await;
    assert_eq!((kept, of_tracks), (0, 0));
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from raw.track_popularity")
            .await,
        0
    );
    for rows in [
        "select count(*) from trends.weekly_top_releases",
        "select count(*) from trends.release_calendar",
        "select count(*) from trends.artist_feature_profile",
        "select count(*) from trends.weekly_feature_trend",
    ] {
        assert_ne!(pipeline.value::<i64>(rows).await, 0, "{rows}");
    }
    // without popularity there is nothing to correlate or to follow; the tables are there
    for rows in [
        "select sum(n) from trends.feature_popularity_correlation",
        "select count(*) from trends.popularity_trajectory",
    ] {
        assert_eq!(pipeline.value::<i64>(rows).await, 0, "{rows}");
    }
    let ranked_by: Vec<String> = pipeline
        .column("select distinct ranked_by from trends.weekly_top_releases")
        .await;
    assert_eq!(ranked_by, ["list_position"]);
    let out_of_order: i64 = pipeline
        .value(
            "select count(*) from trends.weekly_top_releases as one inner join trends.weekly_top_releases as other
             on one.release_week = other.release_week and one.rank < other.rank
             where one.list_position > other.list_position",
        )
        .await;
    assert_eq!(out_of_order, 0);
}

#[tokio::test]
async fn features_of_silence_are_kept_and_stay_out_of_the_statistics() {
    let pipeline = Pipeline::new(with(Quirk::OddFeatures)).await;
    pipeline.run_well().await;
    let odd: i64 = pipeline
        .value(
            "select count(*) from raw.audio_features
             where tempo = 0 and key = -1 and loudness = -60 and time_signature in (0, 1)",
        )
        .await;
    assert_ne!(odd, 0, "stored as they are");
    let n: Vec<i32> = pipeline
        .column(
            "select n from trends.feature_popularity_correlation
             where period = 'all' and feature in ('tempo', 'loudness') order by feature",
        )
        .await;
    assert_eq!(
        i64::from(n[0]) - odd,
        i64::from(n[1]),
        "loudness counts, a tempo of 0 does not"
    );
    let too_slow: i64 = pipeline
        .value(
            "select (select count(*) from trends.artist_feature_profile where tempo < 54)
             + (select count(*) from trends.weekly_feature_trend where feature = 'tempo' and q1 < 54)
             + (select count(*) from core.dim_track where tempo = 0 or key = -1 or time_signature = 0)",
        )
        .await;
    assert_eq!(too_slow, 0);
}

#[tokio::test]
async fn an_album_that_cannot_be_decoded_is_put_aside_and_the_run_says_so() {
    // one album in a hundred
    let pipeline = Pipeline::new(Options {
        albums: 100,
        ..with(Quirk::UndecodableAlbum)
    })
    .await;
    let ended = pipeline.run().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        (&ended.result["loaded"]["albums"], &ended.result["quarantined"]),
        (&json!(99), &json!(1))
    );
    let aside: String = pipeline
        .value(
            "select item_id from raw.quarantine where item_type = 'album' and attempts = 1
             and reason like '%invalid type: string \"unavailable\"%' and json like '%' || item_id || '%'
             and retry_at > now() + interval '23 hours'",
        )
        .await;
    assert!(ended.stderr.contains(&aside), "stderr names it: {}", ended.stderr);
    assert_eq!(
        pipeline.value::<i64>("select count(*) from raw.quarantine").await,
        1
    );
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from ops.album_ledger where loaded_at is null")
            .await,
        1
    );
    pipeline.forget_calls().await;
    assert_eq!(pipeline.run_well().await["new_albums"], 0);
    assert_eq!(
        pipeline.calls_to("albums").await,
        0,
        "asked again before it is due"
    );
}

#[tokio::test]
async fn an_album_of_over_50_tracks_is_complete() {
    let pipeline = Pipeline::new(Options {
        tracks_per_album: Some(103),
        albums: 4,
        ..still()
    })
    .await;
    pipeline.run_well().await;
    let tracks: Vec<i64> = pipeline
        .column("select count(*) from raw.album_tracks group by album_id")
        .await;
    assert_eq!(tracks, [103; 4]);
    assert_eq!(
        pipeline.calls_to("album-tracks").await,
        8,
        "two more pages for each"
    );
}

#[tokio::test]
async fn a_list_page_that_repeats_another_gives_no_album_twice_and_loses_none_for_good() {
    let faults = vec!["new-releases:2:repeat".parse().unwrap()];
    let pipeline = Pipeline::new(Options {
        albums: 100,
        faults,
        ..still()
    })
    .await;
    assert_eq!(pipeline.run_well().await["loaded"]["albums"], 50);
    let duplicates: i64 = pipeline
        .value("select (detail ->> 'duplicates')::bigint from ops.run_steps where step = 'discover'")
        .await;
    assert_eq!(duplicates, 50);
    assert_eq!(
        pipeline
            .value::<i64>("select count(*) from raw.release_sightings")
            .await,
        50
    );
    assert_eq!(
        pipeline.run_well().await["loaded"]["albums"],
        50,
        "the next run finds the others"
    );
    assert_eq!(
        pipeline.value::<i64>("select count(*) from raw.albums").await,
        100
    );
}
