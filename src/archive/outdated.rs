//! What has been in the archive for too long.

use chrono::NaiveDate;
use object_store::path::Path;

use super::ArchiveError;
use super::manifest::FOLDER;
use super::store::Store;
use super::tables::{TABLES, Table};

pub(super) async fn count(store: &Store, before: NaiveDate) -> Result<u64, ArchiveError> {
    let mut manifests = 0;
    for day in days(store, FOLDER, before).await? {
        manifests += store.list(day.as_ref()).await?.len() as u64;
    }
    Ok(manifests)
}

pub(super) async fn remove(store: &Store, before: NaiveDate) -> Result<(), ArchiveError> {
    let of_tables = TABLES.iter().map(Table::folder);
    for folder in [FOLDER.to_owned()].into_iter().chain(of_tables) {
        for day in days(store, &folder, before).await? {
            store.remove_folder(&day).await?;
        }
    }
    Ok(())
}

/// The folders in which a folder has the files of earlier days.
async fn days(store: &Store, folder: &str, before: NaiveDate) -> Result<Vec<Path>, ArchiveError> {
    let is_earlier = |path: &Path| {
        let date = path.filename().and_then(|name| name.strip_prefix("date="));
        date.and_then(|date| date.parse().ok())
            .is_some_and(|date: NaiveDate| date < before)
    };
    let mut folders = store.folders(folder).await?;
    folders.retain(is_earlier);
    Ok(folders)
}
