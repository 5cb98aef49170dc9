//! Pages of tables as the sandbox does not fill them, but Spotify may.

use firstpress::sandbox::Options;

use crate::pipeline::{Pipeline, still};
use crate::report::report;
use crate::server::{self, in_process};

/// A pipeline that has filled its tables, which were changed afterwards, and where they are served.
async fn changed(statements: &'static str) -> (Pipeline, String) {
    let options = Options {
        albums: 12,
        ..still()
    };
    let pipeline = Pipeline::new(options).await;
    pipeline.run_well().await;
    pipeline.execute(statements).await;
    let url = in_process(&pipeline.database.url, &[]).await;
    (pipeline, url)
}

#[tokio::test]
async fn popularity_of_albums_alone_has_no_day_and_fails_no_page() {
    let (pipeline, url) = changed(
        "update trends.weekly_top_releases set
            popularity = 3, observed_on = null, tracks_with_popularity = 0, mean_track_popularity = null,
            ranked_by = 'album_popularity', popularity_coverage = 'all'",
    )
    .await;
    let page = server::page(&url, "/").await;
    assert!(page.contains("rank by the album’s own popularity"), "{page}");
    let album: String = pipeline
        .value("select album_id from trends.weekly_top_releases limit 1")
        .await;
    let release = server::page(&url, &format!("/releases/{album}")).await;
    assert!(release.contains("0 to 100, of the album"), "{release}");
    report(&pipeline).await;
}

#[tokio::test]
async fn without_correlations_of_all_time_the_features_say_so() {
    let (pipeline, url) =
        changed("delete from trends.feature_popularity_correlation where period = 'all'").await;
    let page = server::page(&url, "/features").await;
    assert!(!page.contains("The figures changed last"), "{page}");
    report(&pipeline).await;
}

#[tokio::test]
async fn correlations_of_a_sample_say_so() {
    let (_pipeline, url) = changed(
        "update trends.feature_popularity_correlation set tracks = tracks / 2, n = n / 2 where period = 'all'",
    )
    .await;
    let page = server::page(&url, "/features").await;
    assert!(
        page.contains("popularity of a fair sample of the tracks of all time"),
        "{page}"
    );
    assert!(page.contains("these figures are of a fair sample of"), "{page}");
    let week = page.split("Week of ").nth(1).unwrap();
    let week = server::page(&url, &format!("/features?period={}", &week[..10])).await;
    assert!(!week.contains("fair sample of the tracks"), "{week}");
}

/// The first release of the newest week again in two weeks of 1995, in 300 later ones, and in the next.
const WEEKS: &str = "
    insert into trends.weekly_top_releases
    select again.*
    from (select * from trends.weekly_top_releases order by release_week desc, rank limit 1) as one
    cross join (
        values ('1995-05-01'::date), ('1995-05-08'), (date_trunc('week', now() at time zone 'UTC')::date + 7)
        union all
        select '2010-01-04'::date + 7 * week from generate_series(0, 299) as week
    ) as weeks (release_week)
    cross join jsonb_populate_record(
        null::trends.weekly_top_releases, to_jsonb(one) || jsonb_build_object('release_week', weeks.release_week)
    ) as again";

#[tokio::test]
async fn a_week_is_called_what_it_is_however_old_or_far_ahead() {
    let (pipeline, url) = changed(WEEKS).await;
    let old = server::page(&url, "/?week=1995-05-08").await;
    assert!(old.contains(" selected>8 May 1995</option>"), "{old}");
    assert!(old.contains("href=\"?week=1995-05-01\"") && old.contains("href=\"?week=2010-01-04\""));
    let none = server::page(&url, "/?week=1995-05-20").await;
    assert!(
        none.contains(" selected>15 May 1995 (no releases)</option>"),
        "{none}"
    );
    assert!(none.contains("href=\"?week=1995-05-08\""), "{none}");

    let newest = server::page(&url, "/").await;
    let week: String = pipeline
        .value(
            "select to_char(max(release_week), 'FMDD Mon YYYY') from trends.weekly_top_releases
            where release_week <= (now() at time zone 'UTC')::date",
        )
        .await;
    let next: String = pipeline
        .value("select to_char(max(release_week), 'FMDD Mon YYYY') from trends.weekly_top_releases")
        .await;
    assert!(
        newest.contains(&format!(" selected>{week} (newest)</option>")),
        "{newest}"
    );
    assert!(
        newest.contains(&format!(">{next} (not begun)</option>")),
        "{newest}"
    );
    assert!(newest.contains("So far "), "{newest}");
}

#[tokio::test]
async fn a_release_that_is_read_before_it_is_out_is_called_so() {
    let (pipeline, url) = changed(
        "update trends.popularity_trajectory set days_since_release = days_since_release - 4000;
        delete from trends.release_momentum",
    )
    .await;
    let album: String = pipeline
        .value("select min(album_id) from trends.popularity_trajectory")
        .await;
    let page = server::page(&url, &format!("/popularity?album={album}")).await;
    assert!(
        page.contains("not out yet") && !page.contains("not new"),
        "{page}"
    );
}
