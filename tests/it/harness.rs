//! A database for every test, on one server.
//!
//! The server is the one that TEST_DATABASE_URL names (a role that may create databases), else one of
//! firstpress's own below `target/tmp`, which goes down when the test binary ends.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use firstpress::postgres::embedded::{EmbeddedPostgres, Settings};
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection, PgPool};
use tokio::sync::OnceCell;
use url::Url;

static SERVER: OnceCell<Server> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);
const LEFT_BEHIND_AFTER_SECONDS: u64 = 3600;

/// A fresh, migrated database of its own; dropped with this.
pub(crate) struct TestDatabase {
    /// For programs under test, as DATABASE_URL.
    pub(crate) url: String,
    /// Connections of this test's runtime.
    pub(crate) pool: PgPool,
    name: String,
    admin: Url,
}

/// Makes one. The first call of a test binary starts the server and migrates the template.
pub(crate) async fn database() -> TestDatabase {
    let server = SERVER.get_or_init(Server::start).await;
    let name = format!(
        "firstpress_test_{}_{}_{}",
        now(),
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let mut admin = PgConnection::connect(server.admin.as_str()).await.unwrap();
    execute(
        &mut admin,
        format!(
            "create database {name} template {} {}",
            server.template, server.strategy
        ),
    )
    .await;
    admin.close().await.unwrap();
    let url = database_url(&server.admin, &name);
    let pool = PgPool::connect(url.as_str()).await.unwrap();
    TestDatabase {
        url: url.to_string(),
        pool,
        name,
        admin: server.admin.clone(),
    }
}

impl Drop for TestDatabase {
    /// On a thread of its own, since the test's runtime cannot wait here.
    fn drop(&mut self) {
        let (admin, statement) = (
            self.admin.clone(),
            format!("drop database {} with (force)", self.name),
        );
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut admin = PgConnection::connect(admin.as_str()).await.unwrap();
                execute(&mut admin, statement).await;
            });
        });
        // Best effort: what is left behind is dropped by a later run.
        let _ = dropping.join();
    }
}

struct Server {
    /// The database that databases are created from.
    admin: Url,
    template: String,
    /// How databases are copied.
    strategy: &'static str,
    /// Held until the test binary ends.
    _embedded: Option<EmbeddedPostgres>,
}

impl Server {
    async fn start() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a setting of the tests, not of firstpress"
        )]
        let given = std::env::var("TEST_DATABASE_URL")
            .ok()
            .filter(|url| !url.is_empty());
        let (admin, strategy, embedded) = match given {
            Some(url) => (Url::parse(&url).unwrap(), "", None),
            None => {
                let embedded = EmbeddedPostgres::start(own_server()).await.unwrap();
                // Copying files needs a checkpoint, which is cheap only where nothing is synced.
                (
                    Url::parse(&embedded.url()).unwrap(),
                    "strategy file_copy",
                    Some(embedded),
                )
            }
        };
        let mut connection = PgConnection::connect(admin.as_str()).await.unwrap();
        drop_left_behind(&mut connection).await;
        let template = template(&mut connection, &admin).await;
        connection.close().await.unwrap();
        Self {
            admin,
            template,
            strategy,
            _embedded: embedded,
        }
    }
}

fn own_server() -> Settings {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
    Settings {
        directory,
        bin_dir: None,
        durable: false,
    }
}

/// The migrated database that the others are copies of, made once for these migrations; other test processes
/// wait for it.
async fn template(connection: &mut PgConnection, admin: &Url) -> String {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let migrator = Migrator::new(migrations).await.unwrap();
    let checksums: Vec<u8> = migrator
        .iter()
        .flat_map(|migration| migration.checksum.to_vec())
        .collect();
    let hash: String = Sha256::digest(&checksums)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let name = format!("firstpress_template_{hash}");
    execute(
        connection,
        "select pg_advisory_lock(hashtext('firstpress test template'))".to_owned(),
    )
    .await;
    let is_there = "select exists (select from pg_database where datname = $1)";
    if !sqlx::query_scalar::<_, bool>(is_there)
        .bind(&name)
        .fetch_one(&mut *connection)
        .await
        .unwrap()
    {
        execute(
            connection,
            format!("drop database if exists {name}_new with (force)"),
        )
        .await;
        execute(
            connection,
            format!("create database {name}_new template template0"),
        )
        .await;
        let mut new = PgConnection::connect(database_url(admin, &format!("{name}_new")).as_str())
            .await
            .unwrap();
        migrator.run(&mut new).await.unwrap();
        new.close().await.unwrap();
        execute(connection, format!("alter database {name}_new rename to {name}")).await;
    }
    execute(connection, "select pg_advisory_unlock_all()".to_owned()).await;
    name
}

/// Databases of test processes that were killed.
async fn drop_left_behind(connection: &mut PgConnection) {
    let all = "select datname from pg_database where datname ~ '^firstpress_test_[0-9]+_[0-9]+_[0-9]+$'";
    let names: Vec<String> = sqlx::query_scalar(all).fetch_all(&mut *connection).await.unwrap();
    for name in names {
        let made: u64 = name.split('_').nth(2).unwrap().parse().unwrap();
        if made + LEFT_BEHIND_AFTER_SECONDS < now() {
            execute(connection, format!("drop database if exists {name} with (force)")).await;
        }
    }
}

fn database_url(admin: &Url, name: &str) -> Url {
    let mut url = admin.clone();
    url.set_path(name);
    url
}

async fn execute(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(&statement).execute(connection).await.unwrap();
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn every_test_has_a_migrated_database_of_its_own() {
    let begin = std::time::Instant::now();
    let first = database().await;
    println!("the first database {:?}", begin.elapsed());
    let begin = std::time::Instant::now();
    let second = database().await;
    println!("the next {:?}", begin.elapsed());
    let insert = "insert into raw.market_sets values (1, 'DE')";
    sqlx::raw_sql(insert).execute(&first.pool).await.unwrap();
    sqlx::raw_sql(insert).execute(&second.pool).await.unwrap();
    let url = first.url.clone();
    drop(first);
    assert!(PgConnection::connect(&url).await.is_err(), "it is dropped");
    assert!(PgConnection::connect(&second.url).await.is_ok());
}
