//! Where the files lie: a directory or S3.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
#[cfg(feature = "aws")]
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};

use super::ArchiveError;
use crate::aws::AwsError;
#[cfg(feature = "aws")]
use crate::aws::S3Url;
use crate::config::ArchivePlace;

/// Bytes that are sent at once: to a disk, and to S3, which takes no smaller part of a file in parts.
const PART_ON_DISK: usize = 256 * 1024;
const PART_ON_S3: usize = 5 * 1024 * 1024;
/// Parts under way at once.
const PARTS: usize = 2;

/// An archive that is open.
pub(super) struct Store {
    objects: Arc<dyn ObjectStore>,
    /// Where it is on disk, if it is.
    directory: Option<PathBuf>,
    pub(super) url: String,
}

impl Store {
    /// Opens it. A directory that is not there is made.
    pub(super) async fn open(place: &ArchivePlace) -> Result<Self, ArchiveError> {
        let url = &place.url;
        let Ok(directory) = url.to_file_path() else {
            return Self::open_s3(place).await;
        };
        let made = tokio::fs::create_dir_all(&directory).await;
        made.map_err(ArchiveError::cannot("make the directory", directory.display()))?;
        let objects = LocalFileSystem::new_with_prefix(&directory);
        let objects = objects.map_err(ArchiveError::cannot("open", url))?;
        Ok(Self {
            // a file is written under another name and renamed once it is on the disk
            objects: Arc::new(objects.with_fsync(true)),
            directory: Some(directory),
            url: url.to_string(),
        })
    }

    #[cfg(feature = "aws")]
    async fn open_s3(place: &ArchivePlace) -> Result<Self, ArchiveError> {
        let url = place.url.as_str();
        let open = async {
            let S3Url { bucket, key } = url.parse()?;
            Ok::<_, AwsError>(PrefixStore::new(place.aws.s3(&bucket).await?, key))
        };
        Ok(Self {
            objects: Arc::new(open.await.map_err(ArchiveError::cannot("open", url))?),
            directory: None,
            url: url.to_owned(),
        })
    }

    #[cfg(not(feature = "aws"))]
    async fn open_s3(place: &ArchivePlace) -> Result<Self, ArchiveError> {
        std::future::ready(Err(ArchiveError::cannot("open", &place.url)(
            AwsError::NotBuiltIn,
        )))
        .await
    }

    /// A file to be written in pieces, which is there once it is shut down.
    pub(super) async fn writer(&self, path: &Path) -> BufWriter {
        self.sweep(path).await;
        let part = match self.directory {
            Some(_) => PART_ON_DISK,
            None => PART_ON_S3,
        };
        BufWriter::with_capacity(Arc::clone(&self.objects), path.clone(), part).with_max_concurrency(PARTS)
    }

    /// Writes a whole file.
    pub(super) async fn put(&self, path: &Path, bytes: Vec<u8>) -> Result<(), ArchiveError> {
        self.sweep(path).await;
        let put = self.objects.put(path, bytes.into()).await;
        put.map(|_| ()).map_err(ArchiveError::cannot("write", path))
    }

    /// The file, if it is there.
    pub(super) async fn get(&self, path: &Path) -> Result<Option<Bytes>, ArchiveError> {
        let read = async { self.objects.get(path).await?.bytes().await };
        match read.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(ArchiveError::cannot("read", path)(error)),
        }
    }

    /// Removes a file, if it is there.
    pub(super) async fn remove(&self, path: &Path) -> Result<(), ArchiveError> {
        match self.objects.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ArchiveError::cannot("remove", path)(error)),
        }
    }

    /// The files of a folder, in order.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<Path>, ArchiveError> {
        let files = self.objects.list(Some(&Path::from(folder)));
        let paths = files.map(|file| file.map(|file| file.location)).try_collect();
        let mut paths: Vec<Path> = paths.await.map_err(ArchiveError::cannot("list", folder))?;
        paths.sort_unstable();
        Ok(paths)
    }

    /// The folders in a folder, in order.
    pub(super) async fn folders(&self, folder: &str) -> Result<Vec<Path>, ArchiveError> {
        let listed = self.objects.list_with_delimiter(Some(&Path::from(folder))).await;
        let mut folders = listed
            .map_err(ArchiveError::cannot("list", folder))?
            .common_prefixes;
        folders.sort_unstable();
        Ok(folders)
    }

    /// Removes a folder with its files, and with what of them a process that was killed left half written.
    pub(super) async fn remove_folder(&self, folder: &Path) -> Result<(), ArchiveError> {
        for file in self.list(folder.as_ref()).await? {
            self.remove(&file).await?;
        }
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        let removed = tokio::fs::remove_dir_all(directory.join(folder.as_ref())).await;
        removed.map_err(ArchiveError::cannot("remove", folder))
    }

    /// Writes a file and removes it.
    pub(super) async fn probe(&self) -> Result<(), ArchiveError> {
        let path = Path::from(format!("probe-{}", uuid::Uuid::now_v7()));
        self.put(&path, Vec::new()).await?;
        self.remove(&path).await
    }

    /// Removes from a directory what a process that was killed had written of a file: object_store names it `FILE#1`.
    async fn sweep(&self, path: &Path) {
        let Some(directory) = &self.directory else { return };
        for number in 1.. {
            let unfinished = directory.join(format!("{path}#{number}"));
            if tokio::fs::remove_file(unfinished).await.is_err() {
                break;
            }
        }
    }
}
