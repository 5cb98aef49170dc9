//! What the models say of what Spotify withholds: raw rows in, published rows out, and each kind of app by the binary.

use firstpress::sandbox::{Options, Profile};
use firstpress::summary::Summary;
use firstpress::transform::{self, Project, transform};
use serde_json::json;

use crate::harness::{TestDatabase, database};
use crate::pipeline::{Pipeline, still};

/// What the rows below leave out: releases of the Monday 2026-11-02, one track each, asked for by itself.
const DEFAULTS: &str = "
    alter table raw.albums alter artist_ids set default '{A}', alter json set default '{}',
        alter release_date set default '2026-11-02', alter released_on set default '2026-11-02',
        alter release_date_precision set default 'day', alter album_type set default 'album',
        alter run_id set default gen_random_uuid(), alter extracted_at set default now();
    alter table raw.album_tracks alter artist_ids set default '{A}', alter json set default '{}',
        alter duration_ms set default 1000,
        alter run_id set default gen_random_uuid(), alter extracted_at set default now();
    alter table raw.track_details alter artist_ids set default '{A}', alter json set default '{}',
        alter run_id set default gen_random_uuid(), alter extracted_at set default now();
    alter table raw.audio_features alter attempts set default 1,
        alter run_id set default gen_random_uuid(), alter extracted_at set default now();
    alter table raw.track_popularity alter observed_on set default '2026-11-03',
        alter run_id set default gen_random_uuid(), alter extracted_at set default now();
    alter table raw.release_sightings alter run_id set default gen_random_uuid();
";

/// Tables built from these raw rows.
async fn built_from(raw: &'static str) -> TestDatabase {
    let database = database().await;
    for statements in [DEFAULTS, raw] {
        sqlx::raw_sql(statements).execute(&database.pool).await.unwrap();
    }
    build(&database).await;
    database
}

async fn build(database: &TestDatabase) {
    let project = Project::load(None).unwrap();
    // the tests correct raw rows by hand
    let options = transform::Options {
        full_refresh: true,
        ..transform::Options::default()
    };
    transform(&database.pool, &project, &options, |_, _, _| {})
        .await
        .unwrap();
}

/// The rows of a query, each as text; a null is nothing between two commas.
async fn rows(database: &TestDatabase, query: &str) -> Vec<String> {
    sqlx::query_scalar(&format!("select (q.*)::text from ({query}) as q"))
        .fetch_all(&database.pool)
        .await
        .unwrap()
}

/// What `run` prints on a terminal.
async fn printed(database: &TestDatabase) -> String {
    Summary::read(&database.pool).await.unwrap().to_string()
}

#[tokio::test]
async fn every_null_of_an_album_has_its_reason() {
    let database = built_from(
        "insert into raw.albums (album_id, label, popularity, upc, withheld_fields) values
            ('all', 'Label', 7, '1', '{available_markets}'),
            ('none', ' ', null, null, '{}'),
            ('withheld', null, null, null, '{available_markets,external_ids,label,popularity}')",
    )
    .await;
    let reasons = "select album_id, label_missing_reason, upc_missing_reason, album_popularity_missing_reason
                   from core.dim_album order by album_id";
    assert_eq!(
        rows(&database, reasons).await,
        [
            "(all,,,)",
            r#"(none,"Spotify has none","Spotify has none","Spotify has none")"#,
            r#"(withheld,"withheld by Spotify","withheld by Spotify","withheld by Spotify")"#,
        ]
    );
}

#[tokio::test]
async fn every_null_of_a_track_has_its_reason() {
    let database = built_from(
        "insert into raw.albums (album_id) values ('album');
         insert into raw.album_tracks (album_id, track_id)
            select 'album', unnest(array['known', 'listed', 'none', 'read', 'unanswered', 'withheld']);
         insert into raw.track_details (track_id, isrc, source, withheld_fields) values
            ('known', 'X', 'track', '{}'),
            ('listed', null, 'album', '{external_ids,popularity}'),
            ('none', null, 'track', '{}'),
            ('read', 'X', 'track', '{popularity}'),
            ('withheld', null, 'track', '{external_ids,popularity}');
         insert into raw.track_popularity (track_id, popularity) values ('known', 5), ('read', 6);
         insert into raw.audio_features (track_id, source, missing_reason) values
            ('known', 'spotify', null), ('listed', null, 'nobody has'), ('none', null, 'nobody has'),
            ('read', 'reccobeats', null), ('withheld', null, 'nobody has')",
    )
    .await;
    let reasons = "select track_id, isrc_missing_reason, popularity_missing_reason, features_missing_reason
                   from core.dim_track order by track_id";
    let listed = r#""not asked yet, taken from the list of its album""#;
    assert_eq!(
        rows(&database, reasons).await,
        [
            "(known,,,)",
            &format!(r#"(listed,{listed},{listed},"nobody has")"#),
            r#"(none,"Spotify has none","Spotify has none","nobody has")"#,
            "(read,,,)",
            r#"(unanswered,"no usable answer from Spotify","no usable answer from Spotify","no usable answer from Spotify")"#,
            r#"(withheld,"withheld by Spotify","withheld by Spotify","nobody has")"#,
        ]
    );
}

/// The albums of one week, in two lists: `risen` and `fallen` change places, `gone` is in the first alone.
const WEEK: &str = "
    insert into raw.albums (album_id, withheld_fields) values
        ('risen', '{popularity}'), ('fallen', '{popularity}'), ('gone', '{popularity}'), ('unlisted', '{popularity}');
    insert into raw.release_sightings (album_id, position, extracted_at) values
        ('risen', 9, '2026-11-03'), ('fallen', 1, '2026-11-03'), ('gone', 5, '2026-11-03'),
        ('risen', 2, '2026-11-04'), ('fallen', 9, '2026-11-04')";

#[tokio::test]
async fn without_popularity_the_place_in_the_latest_list_ranks() {
    let database = built_from(WEEK).await;
    let ranked = "select rank, album_id, list_position, ranked_by, popularity, popularity_missing_reason,
                  popularity_coverage from trends.weekly_top_releases order by rank";
    assert_eq!(
        rows(&database, ranked).await,
        [
            r#"(1,risen,2,list_position,,"withheld by Spotify",none)"#,
            r#"(2,gone,5,list_position,,"withheld by Spotify",none)"#,
            r#"(3,fallen,9,list_position,,"withheld by Spotify",none)"#,
            r#"(4,unlisted,,album_id,,"withheld by Spotify",none)"#,
        ]
    );
    let printed = printed(&database).await;
    assert!(
        printed.contains("of 2026-11-02 by list position: no popularity (withheld by Spotify)\n"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_week_of_which_some_popularity_is_known_says_so() {
    let database = built_from(WEEK).await;
    let known = "update raw.albums set popularity = 3, withheld_fields = '{}' where album_id = 'fallen'";
    sqlx::raw_sql(known).execute(&database.pool).await.unwrap();
    build(&database).await;
    let ranked = "select rank, album_id, ranked_by, popularity, popularity_coverage
                  from trends.weekly_top_releases where rank < 3 order by rank";
    assert_eq!(
        rows(&database, ranked).await,
        [
            "(1,fallen,album_popularity,3,some)",
            "(2,risen,list_position,,some)"
        ]
    );
    let printed = printed(&database).await;
    assert!(
        printed.contains("Top releases of the week of 2026-11-02; those without popularity come last\n"),
        "{printed}"
    );
}

/// Four tracks with features, of which three have a popularity; liveness is the same for all, tempo known of two.
const PAIRS: &str = "
    insert into raw.albums (album_id) values ('album');
    insert into raw.album_tracks (album_id, track_id) select 'album', unnest(array['a', 'b', 'c', 'd']);
    insert into raw.track_details (track_id, duration_ms) values ('a', 3), ('b', 1), ('c', 2), ('d', 9);
    insert into raw.track_popularity (track_id, popularity) values ('a', 10), ('b', 20), ('c', 40);
    insert into raw.audio_features (track_id, source, energy, liveness, tempo, missing_reason) values
        ('a', 'spotify', 0.1, 0.5, 100, null), ('b', 'reccobeats', 0.2, 0.5, 120, null),
        ('c', 'reccobeats', 0.4, 0.5, 0, null), ('d', null, null, null, null, 'nobody has')";

#[tokio::test]
async fn a_correlation_says_why_it_is_not_there_and_where_its_rows_came_from() {
    let database = built_from(PAIRS).await;
    let correlations =
        "select feature, tracks, n, pearson, correlation_missing_reason, rows_spotify, rows_reccobeats
                        from trends.feature_popularity_correlation
                        where period = '2026-11-02'
                            and feature in ('duration_ms', 'energy', 'liveness', 'tempo', 'valence')
                        order by feature";
    assert_eq!(
        rows(&database, correlations).await,
        [
            "(duration_ms,4,3,-0.3273268354,,3,0)",
            "(energy,4,3,1,,1,2)",
            r#"(liveness,4,3,,"one of the two does not vary",1,2)"#,
            r#"(tempo,4,2,,"fewer than 3 tracks have both",1,1)"#,
            r#"(valence,4,0,,"no track has this feature",0,0)"#,
        ]
    );
    let printed = printed(&database).await;
    for said in [
        "Features that go most with popularity (3 tracks)",
        "Tracks by the source of their audio features: 1 from Spotify, 2 from ReccoBeats, 1 unknown",
    ] {
        assert!(printed.contains(said), "{said}\n{printed}");
    }
    assert!(
        !printed.contains("liveness"),
        "what has no correlation goes with nothing"
    );

    sqlx::raw_sql("truncate raw.track_popularity")
        .execute(&database.pool)
        .await
        .unwrap();
    build(&database).await;
    let none = "select period, count(*), sum(n), min(tracks), count(pearson), count(spearman),
                min(correlation_missing_reason), max(correlation_missing_reason)
                from trends.feature_popularity_correlation group by period order by period";
    let reasons = r#""no track has a popularity","no track has a popularity""#;
    assert_eq!(
        rows(&database, none).await,
        [
            format!("(2026-11-02,10,0,4,0,0,{reasons})"),
            format!("(all,10,0,4,0,0,{reasons})")
        ]
    );
}

#[tokio::test]
async fn weeks_and_artists_say_whose_features_they_compare() {
    let database = built_from(PAIRS).await;
    let weeks =
        "select feature, tracks, n, rows_spotify, rows_reccobeats, median from trends.weekly_feature_trend
                 where feature in ('duration_ms', 'energy', 'tempo', 'valence') order by feature";
    assert_eq!(
        rows(&database, weeks).await,
        [
            "(duration_ms,4,4,4,0,2.5)",
            "(energy,4,3,1,2,0.2)",
            "(tempo,4,2,1,1,110)",
            "(valence,4,0,0,0,)",
        ]
    );
    let artists = "select artist_id, tracks, tracks_with_features, rows_spotify, rows_reccobeats,
                   mean_popularity, tracks_with_popularity from trends.artist_feature_profile";
    assert_eq!(rows(&database, artists).await, ["(A,4,3,1,2,23.3333333333,3)"]);
}

#[tokio::test]
async fn labels_that_are_withheld_are_not_counted_as_none() {
    let database = built_from(
        "insert into raw.albums (album_id, label, withheld_fields, released_on, release_date)
         select album_id, label, case when label = '?' then '{label}' else '{}' end::text[], day::date, day
         from (values ('a', '?', '2026-11-02'), ('b', '', '2026-11-02'), ('c', '?', '2026-11-03'),
             ('d', 'One', '2026-11-03'), ('e', '', '2026-11-04')) as releases (album_id, label, day);
         update raw.albums set label = null where label = '?'",
    )
    .await;
    let labels =
        "select release_date, releases, labels, releases_with_label from trends.release_calendar order by 1";
    assert_eq!(
        rows(&database, labels).await,
        ["(2026-11-02,2,,0)", "(2026-11-03,2,1,1)", "(2026-11-04,1,0,0)"]
    );
}

/// What an app of each kind finds in the trend tables: releases by what ranks them, the correlations that are there,
/// the source of features, days with labels, and whether releases can be followed.
async fn assert_answers(profile: Profile, expected: [&str; 5]) -> Pipeline {
    let pipeline = Pipeline::new(Options { profile, ..still() })
        .await
        .with("SPOTIFY_DAILY_BUDGET", "none");
    pipeline.run_well().await;
    let questions = [
        "select distinct ranked_by, popularity_coverage, popularity_missing_reason from trends.weekly_top_releases",
        "select count(*), count(spearman), min(correlation_missing_reason)
         from trends.feature_popularity_correlation where period = 'all'",
        "select sum(rows_spotify) > 0 as spotify, sum(rows_reccobeats) > 0 as reccobeats,
             sum(tracks_with_features) = sum(rows_spotify + rows_reccobeats) as whole
         from trends.artist_feature_profile",
        "select bool_or(labels is null) as unknown, bool_and(releases_with_label = releases) as all_known
         from trends.release_calendar",
        "select count(*) > 0 as followed from trends.popularity_trajectory",
    ];
    for (question, expected) in questions.into_iter().zip(expected) {
        let found = rows(&pipeline.database, question).await;
        assert_eq!(found, [expected], "{profile:?}: {question}");
    }
    pipeline
}

#[tokio::test]
async fn an_app_that_may_everything_has_features_from_spotify() {
    let expected = ["(popularity,all,)", "(10,10,)", "(t,f,t)", "(f,t)", "(t)"];
    let pipeline = assert_answers(Profile::LegacyExtended, expected).await;
    let printed = printed(&pipeline.database).await;
    assert!(
        printed.contains("Features that go most with popularity"),
        "{printed}"
    );
    assert!(!printed.contains("ReccoBeats"), "{printed}");
}

#[tokio::test]
async fn an_app_with_later_extended_quota_has_features_from_reccobeats() {
    let expected = ["(popularity,all,)", "(10,10,)", "(f,t,t)", "(f,t)", "(t)"];
    let pipeline = assert_answers(Profile::Extended, expected).await;
    let reccobeats: i64 = pipeline
        .value("select count(*) from core.dim_track where features_source = 'reccobeats'")
        .await;
    let printed = printed(&pipeline.database).await;
    assert!(
        printed.contains(&format!("audio features: {reccobeats} from ReccoBeats, ")),
        "{printed}"
    );
}

#[tokio::test]
async fn an_old_development_mode_app_has_features_from_reccobeats() {
    let expected = ["(popularity,all,)", "(10,10,)", "(f,t,t)", "(f,t)", "(t)"];
    assert_answers(Profile::DevPreFeb2026, expected).await;
}

#[tokio::test]
async fn a_new_development_mode_app_reads_why_there_is_no_popularity() {
    let expected = [
        r#"(list_position,none,"withheld by Spotify")"#,
        r#"(10,0,"no track has a popularity")"#,
        "(f,t,t)",
        "(t,f)",
        "(f)",
    ];
    let pipeline = assert_answers(Profile::DevFeb2026, expected).await;
    let printed = printed(&pipeline.database).await;
    for said in [
        "by list position: no popularity (withheld by Spotify)",
        "No correlation of features with popularity: no track has a popularity",
        "How the new releases of the artists with the most tracks differ",
        " from ReccoBeats, ",
    ] {
        assert!(printed.contains(said), "{said}\n{printed}");
    }
    let reasons = "select distinct isrc_missing_reason, popularity_missing_reason from core.dim_track";
    let listed = r#""not asked yet, taken from the list of its album""#;
    assert_eq!(
        rows(&pipeline.database, reasons).await,
        [format!("({listed},{listed})")]
    );
    pipeline.run_well().await;
    assert_eq!(
        rows(&pipeline.database, reasons).await,
        [r#"(,"withheld by Spotify")"#],
        "a later run asks for them one by one"
    );
}

#[tokio::test]
async fn an_app_that_loses_popularity_leaves_a_week_of_both() {
    let pipeline = Pipeline::new(still()).await.with("SPOTIFY_DAILY_BUDGET", "none");
    pipeline.run_well().await;
    pipeline
        .tell_sandbox("profile", json!({ "profile": "dev_feb2026" }))
        .await;
    pipeline.tell_sandbox("release", json!({ "albums": 20 })).await;
    pipeline.run_well().await;
    let ranked_by: Vec<String> = pipeline
        .column(
            "select distinct ranked_by from trends.weekly_top_releases where popularity_coverage = 'some' order by 1",
        )
        .await;
    assert_eq!(ranked_by, ["list_position", "popularity"]);
    let out_of_order: i64 = pipeline
        .value(
            "select count(*) from trends.weekly_top_releases as with_it
             inner join trends.weekly_top_releases as without using (release_week)
             where with_it.popularity is not null and without.popularity is null and without.rank < with_it.rank",
        )
        .await;
    assert_eq!(out_of_order, 0);
}
