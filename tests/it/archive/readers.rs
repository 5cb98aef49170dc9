//! The files as another program reads them.

use tokio::process::Command;

use super::{archive, archiving, odd, several_runs};
use firstpress::sandbox::Profile;

/// Compares the files with the tables, value by value and type by type.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models/archive.py");

#[tokio::test(flavor = "multi_thread")]
async fn another_reader_finds_the_rows_of_the_tables_in_their_own_types() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a setting of the tests, not of firstpress"
    )]
    let Some(python) = std::env::var_os("FIRSTPRESS_TEST_PYTHON") else {
        println!(
            "skipped: FIRSTPRESS_TEST_PYTHON does not name a Python with the packages of .ci/requirements-tests.txt"
        );
        return;
    };
    let pipeline = several_runs(archiving(odd(Profile::LegacyExtended)).await).await;
    let compared = Command::new(python)
        .arg(SCRIPT)
        .arg(archive(&pipeline))
        .arg(&pipeline.database.url)
        .output()
        .await
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        compared.status.success(),
        "{}{}",
        text(&compared.stdout),
        text(&compared.stderr)
    );
    println!("{}", text(&compared.stdout));
}
