//! Where faults are written, and which calls a share of them strikes.

use std::fs;
use std::path::{Path, PathBuf};

use firstpress::sandbox::{FaultFile, Options};

use super::{Api, still};

/// A file for one test.
fn write(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path
}

fn read(path: &Path) -> Result<FaultFile, String> {
    path.to_str().unwrap().parse()
}

/// The statuses of so many calls in a row.
async fn statuses(api: &Api, calls: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..calls {
        let got = api.get("/browse/new-releases?limit=1").await;
        statuses.push(got.status.as_u16());
    }
    statuses
}

fn count(statuses: &[u16], wanted: u16) -> usize {
    statuses.iter().filter(|status| **status == wanted).count()
}

#[tokio::test]
async fn files_of_faults_follow_the_flags_in_order() {
    let first = write(
        "faults-first",
        "# a comment\n\nnew-releases:1-2:502\n  any:4:503  # another\n\n",
    );
    let second = write("faults-second", "new-releases:2-4:500\r\n");
    let api = Api::start(Options {
        faults: vec!["new-releases:1:404".parse().unwrap()],
        fault_files: vec![read(&first).unwrap(), read(&second).unwrap()],
        ..still()
    })
    .await;
    // The token call before was the first of any.
    assert_eq!(statuses(&api, 5).await, [404, 502, 503, 500, 200]);
}

#[test]
fn an_error_in_a_file_of_faults_names_file_and_line() {
    let wrong = write("faults-wrong", "tracks:1:503\n# fine\ntrax:1:503\n");
    let reason = read(&wrong).unwrap_err();
    let place = format!("{}:3: ", wrong.display());
    assert!(
        reason.starts_with(&place) && reason.contains("`trax`"),
        "{reason}"
    );
    let missing = read(Path::new("/nowhere/faults")).unwrap_err();
    assert!(missing.contains("/nowhere/faults"), "{missing}");
}

#[tokio::test]
async fn a_share_strikes_near_so_many_calls_and_the_same_ones_again() {
    let specs = [
        "new-releases:20%:503",
        "new-releases:20%:404",
        "new-releases:0.5%:500",
    ];
    let run = async |seed| {
        let api = Api::start(Options {
            seed,
            faults: specs.iter().map(|spec| spec.parse().unwrap()).collect(),
            ..still()
        })
        .await;
        statuses(&api, 1000).await
    };
    let (one, again, other) = (run(1).await, run(1).await, run(2).await);
    assert!((160..=240).contains(&count(&one, 503)), "{}", count(&one, 503));
    // Shares are independent: four fifths of the second are not struck by the first.
    assert!((120..=200).contains(&count(&one, 404)), "{}", count(&one, 404));
    assert!((1..=12).contains(&count(&one, 500)), "{}", count(&one, 500));
    assert_eq!(one, again);
    assert_ne!(one, other);
}

#[tokio::test]
async fn shares_can_be_set_while_it_runs_and_a_whole_share_strikes_all() {
    let api = Api::still().await;
    api.set_faults(&["new-releases:100%:503"]).await;
    assert_eq!(count(&statuses(&api, 20).await, 503), 20);
    api.set_faults(&["new-releases:50%:429-word"]).await;
    let first = statuses(&api, 40).await;
    assert!((10..=30).contains(&count(&first, 429)), "{first:?}");
    api.set_faults(&["new-releases:50%:429-word"]).await;
    assert_eq!(statuses(&api, 40).await, first);
}
