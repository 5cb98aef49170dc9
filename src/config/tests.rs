//! Settings as people write them.

use std::path::Path;

use super::*;

async fn read(settings: &[(&str, &str)]) -> Result<Config, WrongSettings> {
    read_with(settings, Path::new("/nonexistent/.env")).await
}

async fn read_with(settings: &[(&str, &str)], dotenv: &Path) -> Result<Config, WrongSettings> {
    let settings = settings.iter();
    let sources = Sources {
        environment: settings
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        dotenv: dotenv.to_owned(),
        ..Sources::default()
    };
    Config::read(sources).await
}

#[tokio::test]
async fn defaults_hold_and_empty_means_unset() {
    let config = read(&[("SPOTIFY_MAX_IN_FLIGHT", ""), ("DATABASE_URL", " ")])
        .await
        .unwrap();
    assert_eq!(config.spotify.api_url.as_str(), "https://api.spotify.com/v1");
    assert_eq!(config.spotify.max_in_flight, None);
    assert_eq!(config.spotify.daily_budget, DailyBudget::ByMode);
    assert_eq!(config.audio_features, AudioFeaturesFrom::Auto);
    assert!(config.database_url.is_none() && config.spotify.credentials.is_none());
}

#[tokio::test]
async fn every_wrong_value_is_named_at_once_and_no_secret_shown() {
    let text = read(&[
        ("SPOTIFY_REQUESTS_PER_SECOND", "fast"),
        ("SPOTIFY_MAX_IN_FLIGHT", "0"),
        ("SPOTIFY_DAILY_BUDGET", "0"),
        ("AUDIO_FEATURES", "deezer"),
        ("SPOTIFY_API_URL", "ftp://x"),
        ("SPOTIFY_MARKET", "Germany"),
        ("ARCHIVE_URL", "https://bucket/x"),
        ("LOG_FORMAT", "xml"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("SPOTIFY_CLIENT_SECRET", "s3cr3t"),
        ("METRICS_NAMESPACE", "AWS/ECS"),
        ("ALERT_WEBHOOK_URL", "hooks.example/s3cr3t"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://u:hunter2@collector"),
    ])
    .await
    .unwrap_err()
    .to_string();
    for part in [
        "METRICS_NAMESPACE: found",
        "ALERT_WEBHOOK_URL: not an http",
        "OTEL_EXPORTER_OTLP_ENDPOINT: found",
        "SPOTIFY_REQUESTS_PER_SECOND: found \"fast\", expected a number",
        "SPOTIFY_MAX_IN_FLIGHT: found \"0\"",
        "SPOTIFY_DAILY_BUDGET: found \"0\"",
        "AUDIO_FEATURES: found \"deezer\"",
        "SPOTIFY_API_URL: found",
        "SPOTIFY_MARKET: found",
        "LOG_FORMAT: found",
        "ARCHIVE_URL: found \"https://bucket/x\", expected a directory",
        "DATABASE_URL: not a Postgres URL",
        "SPOTIFY_CLIENT_ID: not set",
    ] {
        assert!(text.contains(part), "{part} is missing from {text}");
    }
    assert!(!text.contains("hunter2") && !text.contains("s3cr3t"), "{text}");
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let config = read(&[
        ("SPOTIFY_CLIENT_ID", "an-id"),
        ("SPOTIFY_CLIENT_SECRET", "s3cr3t"),
        ("DATABASE_URL", "postgres://u:hunter2@db/x"),
        ("ALERT_WEBHOOK_URL", "https://hooks.example/s3cr3t"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hunter2"),
        ("SERVE_TOKEN", "hunter2-and-so-on"),
        ("SERVE_USER", "reader"),
        ("SERVE_PASSWORD", "s3cr3t-and-so-on"),
    ])
    .await
    .unwrap();
    let text = format!("{config:?}");
    assert!(
        text.contains("an-id") && !text.contains("s3cr3t") && !text.contains("hunter2"),
        "{text}"
    );
}

#[tokio::test]
async fn serve_is_for_this_machine_alone_where_nothing_else_is_set() {
    let serving = read(&[]).await.unwrap().serving;
    assert!(serving.listen.ip().is_loopback() && !serving.asks_for_credentials());
    assert_eq!(serving.requests_per_second.map(NonZeroU32::get), Some(100));
    let serving = read(&[
        ("SERVE_LISTEN", "[::]:80"),
        ("SERVE_TOKEN", "sixteen-letters-"),
        ("SERVE_REQUESTS_PER_SECOND", "none"),
    ]);
    let serving = serving.await.unwrap().serving;
    assert_eq!(serving.listen.to_string(), "[::]:80");
    assert!(serving.asks_for_credentials() && serving.requests_per_second.is_none());
}

#[tokio::test]
async fn what_serve_cannot_use_is_named_and_no_secret_of_it_shown() {
    let text = read(&[
        ("SERVE_LISTEN", "everywhere"),
        ("SERVE_TOKEN", "hunter2"),
        ("SERVE_USER", "a:b"),
        ("SERVE_PASSWORD", "s3cr3t"),
        ("SERVE_REQUESTS_PER_SECOND", "0"),
    ]);
    let text = text.await.unwrap_err().to_string();
    for part in [
        "SERVE_LISTEN: found \"everywhere\"",
        "SERVE_TOKEN: shorter than 16",
        "SERVE_USER: found \"a:b\"",
        "SERVE_PASSWORD: shorter than 16",
        "SERVE_REQUESTS_PER_SECOND: found \"0\"",
    ] {
        assert!(text.contains(part), "{part} is missing from {text}");
    }
    assert!(!text.contains("hunter2") && !text.contains("s3cr3t"), "{text}");
    for (given, missing) in [("SERVE_USER", "SERVE_PASSWORD"), ("SERVE_PASSWORD", "SERVE_USER")] {
        let text = read(&[(given, "sixteen-letters-")])
            .await
            .unwrap_err()
            .to_string();
        assert!(text.contains(&format!("{missing}: not set")), "{text}");
    }
}

#[tokio::test]
async fn models_never_find_a_secret() {
    let config = read(&[
        ("SPOTIFY_CLIENT_ID", "an-id"),
        ("SPOTIFY_CLIENT_SECRET", "s3cr3t"),
        ("DATABASE_URL", "postgres://u:hunter2@db/x"),
        ("DBT_ENV_SECRET_KEY", "k3y"),
        ("ALERT_WEBHOOK_URL", "https://hooks.example/s3cr3t"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hunter2"),
        ("SERVE_TOKEN", "hunter2-and-so-on"),
        ("SERVE_USER", "reader"),
        ("SERVE_PASSWORD", "s3cr3t-and-so-on"),
        ("REGION", "EU"),
    ])
    .await
    .unwrap();
    let found = |name: &str| config.env_vars.get(name);
    assert_eq!(found("REGION"), Some("EU"));
    for name in [
        "SPOTIFY_CLIENT_SECRET",
        "DATABASE_URL",
        "DBT_ENV_SECRET_KEY",
        "ALERT_WEBHOOK_URL",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "SERVE_PASSWORD",
        "SERVE_TOKEN",
    ] {
        assert_eq!(found(name), None, "{name}");
    }
}

#[tokio::test]
async fn the_environment_wins_over_dotenv() {
    let path = std::env::temp_dir().join(format!("firstpress-dotenv-{}", std::process::id()));
    std::fs::write(&path, "SPOTIFY_MAX_IN_FLIGHT=2\nSPOTIFY_MARKET=DE\n").unwrap();
    let config = read_with(&[("SPOTIFY_MAX_IN_FLIGHT", "3")], &path).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        (config.spotify.max_in_flight, config.spotify.market.as_deref()),
        (Some(3), Some("DE"))
    );
}

#[tokio::test]
async fn an_archive_is_a_directory_or_lies_in_s3() {
    let place = async |text: &str, in_sandbox: bool| {
        let config = read(&[("ARCHIVE_URL", text)]).await?;
        Ok::<_, WrongSettings>(config.archive(in_sandbox).unwrap().url)
    };
    for (text, url, in_sandbox) in [
        (
            "/data/an archive",
            "file:///data/an%20archive/",
            "file:///data/an%20archive/sandbox",
        ),
        ("file:///data", "file:///data", "file:///data/sandbox"),
        (
            "s3://bucket/prefix",
            "s3://bucket/prefix",
            "s3://bucket/prefix/sandbox",
        ),
        ("s3://bucket", "s3://bucket", "s3://bucket/sandbox"),
    ] {
        assert_eq!(place(text, false).await.unwrap().as_str(), url);
        assert_eq!(place(text, true).await.unwrap().as_str(), in_sandbox);
    }
    let relative = place("archive", false).await.unwrap();
    assert_eq!(
        relative.to_file_path().unwrap(),
        std::path::absolute("archive").unwrap()
    );
    for wrong in ["s3://", "gs://bucket", "s3://key:s3cr3t@bucket"] {
        let text = place(wrong, false).await.unwrap_err().to_string();
        assert!(text.contains("ARCHIVE_URL") && !text.contains("s3cr3t"), "{text}");
    }
}

#[tokio::test]
async fn a_password_in_a_url_is_refused_and_not_shown() {
    for url in [
        "https://id:s3cr3t@accounts.spotify.com/api/token",
        "https://:s3cr3t@api.spotify.com/v1",
    ] {
        let text = read(&[("SPOTIFY_TOKEN_URL", url)]).await.unwrap_err().to_string();
        assert!(
            text.contains("SPOTIFY_TOKEN_URL") && !text.contains("s3cr3t"),
            "{text}"
        );
    }
}
