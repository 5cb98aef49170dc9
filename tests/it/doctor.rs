//! What `firstpress doctor` finds, and what it leaves alone.

use chrono::{DateTime, Utc};
use firstpress::sandbox::{Fault, Options, Profile};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use url::Url;

use crate::pipeline::{Ended, Pipeline, empty_directory, still};
use crate::process::command;

/// The endpoints, as the doctor names them.
const ENDPOINTS: [&str; 9] = [
    "/browse/new-releases",
    "/search",
    "/search?limit=11",
    "/albums",
    "/albums/{id}",
    "/albums/{id}/tracks",
    "/tracks",
    "/tracks/{id}",
    "/audio-features",
];

struct Diagnosis(Ended);

impl Diagnosis {
    async fn of(pipeline: &Pipeline) -> Self {
        Self(pipeline.firstpress(&["doctor"]).await)
    }

    fn assert_code(&self, code: i32) -> &Self {
        let Ended { result, stderr, .. } = &self.0;
        assert_eq!(self.0.code, Some(code), "{result:#}\n{stderr}");
        assert_eq!(result["ok"], Value::from(code == 0));
        self
    }

    fn verdict(&self, subject: &str) -> &str {
        self.finding(subject)["verdict"].as_str().unwrap()
    }

    /// Asserts what is found of a subject: its verdict, and words that stand in the detail or the remedy.
    fn assert_found(&self, subject: &str, verdict: &str, words: &[&str]) -> &Self {
        let finding = self.finding(subject);
        assert_eq!(finding["verdict"], verdict, "{finding}");
        assert_eq!(finding["remedy"].is_null(), verdict == "ok", "{finding}");
        for word in words {
            assert!(finding.to_string().contains(word), "{word} is not in {finding}");
        }
        self
    }

    fn finding(&self, subject: &str) -> &Value {
        let mut findings = self.0.result["findings"].as_array().unwrap().iter();
        let found = findings.find(|finding| finding["subject"] == subject);
        found.unwrap_or_else(|| panic!("{subject} is not in {:#}", self.0.result))
    }

    fn says_nothing_of(&self, subject: &str) -> bool {
        let mut findings = self.0.result["findings"].as_array().unwrap().iter();
        findings.all(|finding| finding["subject"] != subject)
    }
}

fn with(faults: &[&str]) -> Options {
    let faults = faults
        .iter()
        .map(|fault| fault.parse::<Fault>().unwrap())
        .collect();
    Options { faults, ..still() }
}

fn app(profile: Profile) -> Options {
    Options { profile, ..still() }
}

/// Calls that the sandbox got as Spotify, token requests left out.
async fn web_api_calls(pipeline: &Pipeline) -> i64 {
    let calls = pipeline.calls().await;
    let counted = calls
        .iter()
        .filter(|(endpoint, _)| endpoint != "token" && endpoint != "reccobeats");
    counted.count() as i64
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn every_endpoint_is_asked_and_each_kind_of_app_is_told_its_ways() {
    let kinds: [(Profile, &[&str], &str); 4] = [
        (Profile::LegacyExtended, &[], "extended quota mode"),
        (Profile::Extended, &["/audio-features"], "extended quota mode"),
        (
            Profile::DevPreFeb2026,
            &["/search?limit=11", "/audio-features"],
            "development mode (/search?limit=11",
        ),
        (
            Profile::DevFeb2026,
            &[
                "/browse/new-releases",
                "/search?limit=11",
                "/albums",
                "/tracks",
                "/audio-features",
            ],
            "development mode (/browse/new-releases",
        ),
    ];
    for (profile, closed, mode) in kinds {
        let pipeline = Pipeline::new(app(profile)).await;
        let found = Diagnosis::of(&pipeline).await;
        found.assert_code(0);
        for endpoint in ENDPOINTS {
            let words = if closed.contains(&endpoint) {
                ["closed to this app", "takes the next way"]
            } else {
                ["answers", ""]
            };
            found.assert_found(endpoint, "ok", &words);
        }
        found.assert_found("mode", "ok", &[mode]);
        for subject in ["settings", "credentials", "database", "rights", "schema", "clock"] {
            assert_eq!(found.verdict(subject), "ok", "{subject}");
        }
        found.assert_found("ReccoBeats", "ok", &["answers"]);

        let asked: i64 = pipeline
            .value("select count(*) from ops.capabilities where not is_inferred")
            .await;
        assert_eq!(asked, 9, "what was learned is remembered");
        assert_eq!(web_api_calls(&pipeline).await, 9, "one call each");
        let entered: i64 = pipeline
            .value("select sum(calls)::bigint from ops.calls_by_minute")
            .await;
        assert_eq!(entered, 9, "and each is entered in the ledger");
    }
}

#[tokio::test]
async fn a_refused_secret_is_a_fault_with_a_remedy_and_the_rest_is_still_looked_at() {
    let pipeline = Pipeline::new(still())
        .await
        .with("SPOTIFY_CLIENT_SECRET", "a-wrong-s3cr3t");
    let found = Diagnosis::of(&pipeline).await;
    found
        .assert_code(1)
        .assert_found(
            "token",
            "fault",
            &[
                "refused the client id or secret",
                "developer.spotify.com/dashboard",
            ],
        )
        .assert_found("database", "ok", &[])
        .assert_found("ReccoBeats", "ok", &["answers"]);
    assert_eq!(web_api_calls(&pipeline).await, 0);
    let said = format!("{}{}", found.0.result, found.0.stderr);
    assert!(!said.contains("a-wrong-s3cr3t"), "{said}");
}

#[tokio::test]
async fn a_lapsed_premium_is_told_apart_from_closed_endpoints() {
    for form in ["new-releases:*:premium", "new-releases:*:premium-text"] {
        let pipeline = Pipeline::new(with(&[form])).await;
        let found = Diagnosis::of(&pipeline).await;
        found
            .assert_code(1)
            .assert_found("Premium", "fault", &["renew the owner's subscription"])
            .assert_found("other endpoints", "warning", &["/audio-features"]);
        assert!(found.says_nothing_of("/albums") && found.says_nothing_of("mode"));
        let learned: i64 = pipeline.value("select count(*) from ops.capabilities").await;
        assert_eq!((learned, web_api_calls(&pipeline).await), (0, 1));
    }
}

#[tokio::test]
async fn without_a_database_spotify_and_reccobeats_are_still_asked() {
    let url = format!("postgres://someone:hunter2@127.0.0.1:{}/nowhere", free_port());
    let pipeline = Pipeline::new(still()).await.with("DATABASE_URL", &url);
    let found = Diagnosis::of(&pipeline).await;
    found
        .assert_code(1)
        .assert_found("database", "fault", &["cannot connect", "DATABASE_URL"])
        .assert_found("/audio-features", "ok", &["answers"])
        .assert_found("ReccoBeats", "ok", &["answers"]);
    let said = format!("{}{}", found.0.result, found.0.stderr);
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn a_schema_of_a_newer_firstpress_is_a_fault_and_is_not_written_to() {
    let pipeline = Pipeline::new(still()).await;
    pipeline
        .execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'of the future', true, '\\x00', 0)",
        )
        .await;
    Diagnosis::of(&pipeline)
        .await
        .assert_code(1)
        .assert_found(
            "schema",
            "fault",
            &["newer firstpress", "9999", "another database"],
        )
        .assert_found("/albums", "ok", &["answers"]);
    let written: i64 = pipeline
        .value("select (select count(*) from ops.capabilities) + (select count(*) from ops.calls_by_minute)")
        .await;
    assert_eq!(written, 0);
}

#[tokio::test]
async fn a_schema_that_a_run_will_make_is_only_a_warning_and_is_left_to_it() {
    let pipeline = Pipeline::new(still()).await;
    pipeline
        .execute("drop schema raw cascade; drop schema ops cascade; drop table _sqlx_migrations")
        .await;
    Diagnosis::of(&pipeline).await.assert_code(0).assert_found(
        "schema",
        "warning",
        &["no tables", "firstpress migrate"],
    );
    let made: i64 = pipeline
        .value("select count(*) from pg_namespace where nspname in ('raw', 'ops')")
        .await;
    assert_eq!(made, 0);
}

#[tokio::test]
async fn missing_rights_are_named_with_the_statements_that_give_them() {
    let mut pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    pipeline.execute("drop schema staging cascade").await;
    let role = format!("firstpress_powerless_{}", std::process::id());
    let mut url = Url::parse(&pipeline.database.url).unwrap();
    let mut admin = PgConnection::connect(url.as_str()).await.unwrap();
    let make = format!("drop role if exists {role}; create role {role} login password 'hunter2'");
    sqlx::raw_sql(&make).execute(&mut admin).await.unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("hunter2")).unwrap();
    pipeline = pipeline.with("DATABASE_URL", url.as_str());
    let found = Diagnosis::of(&pipeline).await;
    let drop = format!("drop role {role}");
    sqlx::raw_sql(&drop).execute(&mut admin).await.unwrap();

    found
        .assert_code(1)
        .assert_found(
            "rights",
            "fault",
            &["create the schemas", "grant create on database"],
        )
        .assert_found("schema", "fault", &["permission denied"])
        .assert_found("/albums", "ok", &["answers"]);
    let said = found.0.result.to_string();
    for statement in [
        "grant usage, create on schema raw to",
        "grant select, insert, update, delete on all tables in schema ops to",
        "alter table core.album_artist owner to",
    ] {
        assert!(said.contains(statement), "{statement} is not in {said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn who_may_not_act_as_the_reader_is_told_what_gives_that() {
    let mut pipeline = Pipeline::new(still()).await;
    let role = format!("firstpress_outsider_{}", std::process::id());
    let mut url = Url::parse(&pipeline.database.url).unwrap();
    let mut admin = PgConnection::connect(url.as_str()).await.unwrap();
    let make = format!(
        "create role {role} login password 'hunter2'; grant usage on schema ops to {role};
         grant select on all tables in schema ops, public to {role}"
    );
    sqlx::raw_sql(&make).execute(&mut admin).await.unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("hunter2")).unwrap();
    pipeline = pipeline.with("DATABASE_URL", url.as_str());
    let outside = Diagnosis::of(&pipeline).await;
    let grant = format!("grant firstpress_reader to {role}");
    sqlx::raw_sql(&grant).execute(&mut admin).await.unwrap();
    let inside = Diagnosis::of(&pipeline).await;
    let drop = format!("drop owned by {role}; drop role {role}");
    sqlx::raw_sql(&drop).execute(&mut admin).await.unwrap();

    outside.assert_found("readers", "warning", &["may not act", &grant]);
    inside.assert_found("readers", "ok", &["may read"]);
}

#[tokio::test]
async fn a_silent_reccobeats_is_a_fault_only_where_nobody_else_is_asked() {
    let url = format!("http://127.0.0.1:{}/v1", free_port());
    let spotify_first = Pipeline::new(still()).await.with("RECCOBEATS_API_URL", &url);
    let reccobeats_only = Pipeline::new(still())
        .await
        .with("RECCOBEATS_API_URL", &url)
        .with("AUDIO_FEATURES", "reccobeats");
    let (first, only) = tokio::join!(Diagnosis::of(&spotify_first), Diagnosis::of(&reccobeats_only));
    first
        .assert_code(0)
        .assert_found("ReccoBeats", "warning", &["could not connect"]);
    only.assert_code(1)
        .assert_found("ReccoBeats", "fault", &["could not connect"]);
}

#[tokio::test]
async fn a_spotify_that_does_not_answer_is_not_waited_for_endpoint_by_endpoint() {
    let url = format!("http://127.0.0.1:{}/v1", free_port());
    let pipeline = Pipeline::new(still()).await.with("SPOTIFY_API_URL", &url);
    Diagnosis::of(&pipeline)
        .await
        .assert_code(1)
        .assert_found("token", "ok", &["granted"])
        .assert_found("/browse/new-releases", "fault", &["could not connect", "proxy"])
        .assert_found("other endpoints", "warning", &["/tracks/{id}"])
        .assert_found("ReccoBeats", "ok", &["answers"]);
}

#[tokio::test]
async fn a_spent_budget_is_kept_and_is_a_warning() {
    let pipeline = Pipeline::new(still()).await.with("SPOTIFY_DAILY_BUDGET", "3");
    Diagnosis::of(&pipeline)
        .await
        .assert_code(0)
        .assert_found(
            "budget",
            "warning",
            &["3 calls in any 24 hours", "SPOTIFY_DAILY_BUDGET"],
        )
        .assert_found("other endpoints", "warning", &["/audio-features"])
        .assert_found("mode", "ok", &["of which 0 are left"]);
    assert_eq!(web_api_calls(&pipeline).await, 3);
}

#[tokio::test]
async fn spotify_is_not_called_before_the_time_that_it_named() {
    let pipeline = Pipeline::new(still()).await;
    pipeline
        .execute(
            "insert into ops.runs (run_id, status, version, api_url, finished_at, not_before)
             values (gen_random_uuid(), 'postponed', '1', 'http://somewhere/v1', now(), now() + interval '1 hour')",
        )
        .await;
    let time: DateTime<Utc> = pipeline.value("select not_before from ops.runs").await;
    let time = time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let found = Diagnosis::of(&pipeline).await;
    found
        .assert_code(0)
        .assert_found("Spotify", "warning", &[&time])
        .assert_found("ReccoBeats", "ok", &["answers"]);
    assert!(found.says_nothing_of("token"));
    let calls = pipeline.calls().await;
    assert!(
        calls.iter().all(|(endpoint, _)| endpoint == "reccobeats"),
        "{calls:?}"
    );
}

#[tokio::test]
async fn a_wait_that_the_doctor_is_told_is_kept_by_the_next_run() {
    for fault in ["albums:1:quota=3600", "token:1:429=86400"] {
        let pipeline = Pipeline::new(with(&[fault])).await;
        let found = Diagnosis::of(&pipeline).await;
        let told = found.0.result.to_string();
        assert!(told.contains("start no run before"), "{fault}: {told}");
        pipeline.forget_calls().await;
        let early = pipeline.run().await;
        assert_eq!(early.code, Some(75), "{fault}: {}", early.stderr);
        assert_eq!(pipeline.calls().await, [], "{fault}");
    }
}

#[tokio::test]
async fn what_a_run_inferred_is_replaced_by_what_the_endpoint_says_itself() {
    const INFERRED: &str = "select is_inferred from ops.capabilities where endpoint = '/albums'";
    const ASKED_AT: &str = "select asked_at from ops.capabilities where endpoint = '/search'";
    let pipeline = Pipeline::new(app(Profile::DevFeb2026)).await;
    pipeline.run_well().await;
    assert!(pipeline.value::<bool>(INFERRED).await);
    let asked_at: DateTime<Utc> = pipeline.value(ASKED_AT).await;
    Diagnosis::of(&pipeline).await.assert_code(0);
    assert!(!pipeline.value::<bool>(INFERRED).await);
    let asked_again_at: DateTime<Utc> = pipeline.value(ASKED_AT).await;
    assert!(asked_again_at > asked_at, "what is open is asked anew, too");
}

#[tokio::test]
async fn an_app_that_was_given_extended_quota_is_asked_anew_and_freed_of_its_budget() {
    const MODE: &str = "select is_development_mode from ops.spotify_apps";
    let pipeline = Pipeline::new(app(Profile::DevFeb2026)).await;
    pipeline.run_well().await;
    assert!(pipeline.value::<bool>(MODE).await);
    pipeline
        .tell_sandbox("profile", json!({"profile": "legacy_extended"}))
        .await;
    Diagnosis::of(&pipeline)
        .await
        .assert_code(0)
        .assert_found("/albums", "ok", &["answers"])
        .assert_found("mode", "ok", &["extended quota mode"]);
    assert!(!pipeline.value::<bool>(MODE).await);
    let closed: i64 = pipeline
        .value("select count(*) from ops.capabilities where not usable")
        .await;
    assert_eq!(closed, 0);
}

#[tokio::test]
async fn endpoints_that_are_asked_in_vain_leave_what_was_known_of_the_others() {
    let pipeline = Pipeline::new(app(Profile::DevFeb2026)).await;
    Diagnosis::of(&pipeline).await.assert_code(0);
    // development mode's list is closed, from which the rest would be inferred
    let spent = pipeline.with("SPOTIFY_DAILY_BUDGET", "10");
    Diagnosis::of(&spent)
        .await
        .assert_code(0)
        .assert_found("budget", "warning", &[]);
    let inferred: i64 = spent
        .value("select count(*) from ops.capabilities where is_inferred")
        .await;
    assert_eq!(inferred, 0);
}

#[tokio::test]
async fn a_thing_that_no_way_leads_to_is_a_fault() {
    let pipeline = Pipeline::new(with(&["new-releases:*:403", "search:*:403"])).await;
    Diagnosis::of(&pipeline)
        .await
        .assert_code(1)
        .assert_found("/browse/new-releases", "fault", &["new releases cannot be found"])
        .assert_found("/search", "fault", &["new releases cannot be found"])
        .assert_found("/albums", "warning", &["not asked"]);
    let pipeline = Pipeline::new(with(&["albums:*:403", "album:*:403"])).await;
    Diagnosis::of(&pipeline)
        .await
        .assert_code(1)
        .assert_found("/albums", "fault", &["albums cannot be loaded"])
        .assert_found("/albums/{id}", "fault", &["albums cannot be loaded"])
        .assert_found("/browse/new-releases", "ok", &["answers"]);
}

#[tokio::test]
async fn a_run_at_work_is_named_and_not_disturbed() {
    let pipeline = Pipeline::new(still()).await;
    let mut run = PgConnection::connect(&pipeline.database.url).await.unwrap();
    sqlx::raw_sql(
        "set application_name = 'firstpress run 42'; select pg_advisory_lock(x'667072657373'::bigint)",
    )
    .execute(&mut run)
    .await
    .unwrap();
    Diagnosis::of(&pipeline)
        .await
        .assert_code(0)
        .assert_found("another run", "ok", &["firstpress run 42"]);
}

#[tokio::test]
async fn every_wrong_setting_is_a_fault_of_its_own() {
    let mut wrong = command(&empty_directory(), &["doctor"]);
    wrong
        .env("SPOTIFY_MAX_IN_FLIGHT", "many")
        .env("DATABASE_URL", "mysql://root:hunter2@db/x");
    let found = Diagnosis(Ended::from(wrong.output().await));
    found
        .assert_code(1)
        .assert_found(
            "SPOTIFY_MAX_IN_FLIGHT",
            "fault",
            &["many", "a number from 1 to 64"],
        )
        .assert_found("DATABASE_URL", "fault", &["not a Postgres URL"])
        .assert_found("everything else", "warning", &["not looked at"]);
    assert!(!found.0.result.to_string().contains("hunter2"));
}

#[tokio::test]
async fn without_credentials_the_rest_is_looked_at_and_the_sandbox_needs_none() {
    let database = crate::harness::database().await;
    let doctor = async |arguments: &[&str]| {
        let mut doctor = command(&empty_directory(), arguments);
        // nobody listens there, and a refusal is quicker than a look for a name
        let nowhere = format!("http://127.0.0.1:{}/v1", free_port());
        doctor
            .env("DATABASE_URL", &database.url)
            .env("SPOTIFY_REQUESTS_PER_SECOND", "1000")
            .env("RECCOBEATS_API_URL", nowhere);
        Diagnosis(Ended::from(doctor.output().await))
    };
    doctor(&["doctor"])
        .await
        .assert_code(1)
        .assert_found("credentials", "fault", &["SPOTIFY_CLIENT_ID", "--sandbox"])
        .assert_found("database", "ok", &["PostgreSQL"]);
    doctor(&["doctor", "--sandbox", "--profile", "dev_feb2026"])
        .await
        .assert_code(0)
        .assert_found("mode", "ok", &["development mode"]);
}

#[tokio::test]
async fn the_sandbox_in_a_database_of_real_releases_is_a_fault_and_leaves_no_trace() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    const TRACES: &str =
        "select jsonb_agg(to_jsonb(known) order by known.endpoint)::text from ops.capabilities as known";
    let before: String = pipeline.value(TRACES).await;
    let found = Diagnosis(pipeline.firstpress(&["doctor", "--sandbox"]).await);
    found.assert_code(1).assert_found(
        "origin",
        "fault",
        &["real and simulated ones do not mix", "another database"],
    );
    assert_eq!(before, pipeline.value::<String>(TRACES).await);
}
