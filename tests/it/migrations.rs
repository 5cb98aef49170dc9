//! Migrations: forward only, one process at a time, while older processes go on.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use firstpress::postgres::migrate_by;
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection, PgPool};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::deaths::until;
use crate::harness::{TestDatabase, database};
use crate::pipeline::{Ended, Pipeline, empty_directory, still};
use crate::process::{Command, command};

/// The last migration of the time when none had to be fit for older processes.
const FIRST_RULES: i64 = 7;

fn migrations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")
}

/// A folder with the migrations up to a number, and one of its own.
async fn folder(up_to: i64, own: Option<&str>) -> Migrator {
    let folder = empty_directory();
    for migration in Migrator::new(migrations()).await.unwrap().iter() {
        if migration.version <= up_to {
            let file = folder.join(format!("{:04}_copy.sql", migration.version));
            std::fs::write(file, migration.sql.as_bytes()).unwrap();
        }
    }
    if let Some(own) = own {
        std::fs::write(folder.join("9001_own.sql"), own).unwrap();
    }
    let migrator = Migrator::new(folder.clone()).await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    migrator
}

/// A database that firstpress has not seen yet.
async fn empty_database() -> TestDatabase {
    let database = database().await;
    let nothing = "drop schema raw, ops, aside cascade; drop table _sqlx_migrations";
    sqlx::raw_sql(nothing).execute(&database.pool).await.unwrap();
    database
}

fn migrate(database: &TestDatabase) -> Command {
    let mut migrate = command(&empty_directory(), &["migrate"]);
    migrate.env("DATABASE_URL", &database.url);
    migrate
}

async fn applied(db: &PgPool) -> i64 {
    let newest = sqlx::query_scalar("select max(version) from _sqlx_migrations");
    newest.fetch_one(db).await.unwrap()
}

#[tokio::test]
async fn a_database_of_a_newer_firstpress_is_refused_and_can_still_be_read() {
    let pipeline = Pipeline::new(still()).await;
    pipeline.run_well().await;
    let newer = folder(i64::MAX, Some("alter table ops.runs add column later text")).await;
    newer.run(&pipeline.database.pool).await.unwrap();
    pipeline.forget_calls().await;
    for writes in [&["migrate"][..], &["run"], &["transform"]] {
        let ended = pipeline.firstpress(writes).await;
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        for words in ["a newer firstpress", "9001", "update firstpress", "backup"] {
            assert!(ended.stderr.contains(words), "{}", ended.stderr);
        }
    }
    assert_eq!(pipeline.calls().await.len(), 0);
    for reads in [&["status"][..], &["check"], &["quarantine"]] {
        let ended = pipeline.firstpress(reads).await;
        assert_eq!(ended.code, Some(0), "{reads:?}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn processes_that_migrate_an_empty_database_at_once_do_no_harm() {
    let database = empty_database().await;
    let at_once: Vec<_> = (0..4).map(|_| migrate(&database).spawn()).collect();
    let mut applied = 0;
    for process in at_once {
        let ended = Ended::from(process.wait_with_output().await);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let said = ended.stderr.lines().last().unwrap();
        let said: serde_json::Value = serde_json::from_str(said).unwrap();
        applied += said["applied"].as_u64().unwrap();
    }
    assert_eq!(
        applied as usize,
        Migrator::new(migrations()).await.unwrap().iter().count()
    );
}

/// A reader that takes long holds a table, and a migration has to change it: others go on reading.
#[tokio::test]
async fn nobody_queues_behind_a_migration_that_waits() {
    let database = empty_database().await;
    folder(FIRST_RULES, None).await.run(&database.pool).await.unwrap();
    let mut reader = PgConnection::connect(&database.url).await.unwrap();
    let mut long = reader.begin().await.unwrap();
    sqlx::query("select from raw.albums")
        .execute(&mut *long)
        .await
        .unwrap();

    let mut process = migrate(&database).spawn();
    let mut said = BufReader::new(process.stderr.take().unwrap()).lines();
    let mut longest = Duration::ZERO;
    for wait in 1..=2 {
        let stepped_back = async {
            while let Some(line) = said.next_line().await.unwrap() {
                if line.contains("somebody uses what a migration changes") {
                    return;
                }
            }
            panic!("it did not step back a {wait}. time");
        };
        let read = async {
            loop {
                let began = Instant::now();
                sqlx::query("select from raw.albums")
                    .execute(&database.pool)
                    .await
                    .unwrap();
                longest = longest.max(began.elapsed());
            }
        };
        tokio::select! {
            () = stepped_back => (),
            () = read => (),
        }
    }
    println!("others waited for {longest:?} at most");
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    assert_eq!(applied(&database.pool).await, FIRST_RULES, "nothing is half done");
    drop(long);
    reader.close().await.unwrap();
    assert!(process.wait().await.unwrap().success());
    assert!(applied(&database.pool).await > FIRST_RULES);
}

/// What a migration of the rules below may do to each table: this process is the old version to it.
#[tokio::test]
async fn a_run_that_is_under_way_goes_on_over_a_migration() {
    // some 26 calls
    let pipeline = Pipeline::new(still())
        .await
        .with("SPOTIFY_REQUESTS_PER_SECOND", "2");
    let run = pipeline.spawn(&["run"]);
    until(
        &pipeline.database.pool,
        "select count(*) > 0 from ops.album_ledger where loaded_at is not null",
    )
    .await;
    let changes = "do $$ declare changed regclass; begin
        for changed in select oid from pg_class
            where relnamespace in ('raw'::regnamespace, 'ops'::regnamespace) and relkind = 'r'
        loop
            execute format('alter table %s add column later text', changed);
            execute format('alter table %s add column sooner integer not null default 1', changed);
        end loop;
    end $$;
    create table ops.later (run_id uuid references ops.runs)";
    let later = folder(i64::MAX, Some(changes)).await;
    migrate_by(&pipeline.database.pool, &later).await.unwrap();
    let unfinished: i64 = pipeline
        .value("select count(*) from ops.album_ledger where loaded_at is null")
        .await;
    assert!(unfinished > 0, "the run was over before the migration");

    let ended = Ended::from(run.wait_with_output().await);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.result["loaded"]["albums"], 60);
    let published: i64 = pipeline.value("select count(*) from core.dim_album").await;
    assert_eq!(published, 60);
}

/// What a migration of two tables meets now and then: each has what the other one wants.
#[tokio::test]
async fn a_run_that_loses_a_deadlock_stores_its_batch_anew() {
    let pipeline = Pipeline::new(still()).await;
    let mut other = PgConnection::connect(&pipeline.database.url).await.unwrap();
    let mut other = other.begin().await.unwrap();
    let lock = |table: &str| format!("lock table raw.{table} in access exclusive mode");
    sqlx::raw_sql(&lock("album_tracks"))
        .execute(&mut *other)
        .await
        .unwrap();
    let run = pipeline.spawn(&["run"]);
    until(
        &pipeline.database.pool,
        "select count(*) > 0 from pg_locks where relation = 'raw.album_tracks'::regclass and not granted",
    )
    .await;
    sqlx::raw_sql(&lock("albums")).execute(&mut *other).await.unwrap();
    other.commit().await.unwrap();

    let ended = Ended::from(run.wait_with_output().await);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("deadlock detected"), "{}", ended.stderr);
    assert_eq!(ended.result["loaded"]["albums"], 60);
}

/// What an older process that is still at work would trip over.
#[tokio::test]
async fn migrations_only_add() {
    for migration in Migrator::new(migrations()).await.unwrap().iter() {
        if migration.version > FIRST_RULES {
            let faults = what_takes_away(&migration.sql);
            assert!(faults.is_empty(), "migration {}: {faults:?}", migration.version);
        }
    }
    for takes_away in [
        "drop table ops.runs",
        "alter table raw.albums drop column label",
        "alter table raw.albums rename column label to labels",
        "alter table raw.albums alter column label type varchar(9)",
        "alter table raw.albums\nalter column label\n    set not null",
        "alter table raw.albums add column mood text not null",
        "alter table raw.albums add constraint moods check (mood <> '')",
        "alter table raw.albums\nadd column one text not null default '',\nadd column two text not null",
        "create unique index on raw.albums (name)",
        "truncate raw.albums",
        "delete from raw.albums",
        "alter table raw.albums set schema ops",
    ] {
        assert_eq!(what_takes_away(takes_away).len(), 1, "{takes_away}");
    }
    for adds in [
        "alter table raw.albums alter column json drop not null",
        "alter table raw.albums add column mood text, add column tone integer not null default 0",
        "create index albums_mood on raw.albums (mood)",
        "create table ops.moods (mood text not null primary key, unique (mood))",
        "comment on table raw.albums is 'drop; rename, type'",
    ] {
        assert_eq!(what_takes_away(adds), Vec::<String>::new(), "{adds}");
    }
}

/// The statements, or parts of `alter table`, that do more than add or allow.
fn what_takes_away(migration: &str) -> Vec<String> {
    let lines = migration.lines().map(|line| line.split("--").next().unwrap());
    let text = lines.collect::<Vec<_>>().join("\n").to_lowercase();
    // every other piece stands within quotes: literals, and what functions do when they are called
    let unquoted = text.split("$$").step_by(2).collect::<Vec<_>>().join("''");
    let unquoted = unquoted.split('\'').step_by(2).collect::<Vec<_>>().join("''");
    let statements = unquoted.split(';').flat_map(parts);
    statements.filter(|part| !only_adds(part)).collect()
}

/// An `alter table` by its actions, each of which begins with the table again; else the statement.
fn parts(statement: &str) -> Vec<String> {
    let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(altered) = words.strip_prefix("alter table ") else {
        return vec![words];
    };
    let (table, actions) = altered.split_once(' ').unwrap();
    let mut depth = 0;
    let split = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    let actions = actions.split(split);
    actions
        .map(|action| format!("alter table {table} {}", action.trim()))
        .collect()
}

fn only_adds(part: &str) -> bool {
    let harmless = [
        "create table ",
        "create index ",
        "create view ",
        "create function ",
        // what it does raises nothing, and an older process does not hear it
        "create trigger tell_listeners ",
        "create schema ",
        "comment on ",
        "select ops.",
        "insert into ",
        "do ",
        "grant ",
        "",
    ];
    if let Some(altered) = part.strip_prefix("alter table ") {
        let (_, action) = altered.split_once(' ').unwrap();
        let may_be_null = !action.contains(" not null") || action.contains(" default ");
        return (action.starts_with("add column ") && may_be_null)
            || (action.starts_with("alter column ") && action.ends_with(" drop not null"));
    }
    harmless
        .iter()
        .any(|start| part == start.trim() || (!start.is_empty() && part.starts_with(start)))
}
